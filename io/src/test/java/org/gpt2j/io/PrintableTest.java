package org.gpt2j.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrintableTest {
  @ParameterizedTest
  @CsvSource({
    "0009, \\t",
    "000a, \\n",
    "000d, \\r",
    "001b, \\u001b",
    "0000, \\u0000",
    "007f, \\u007f",
    "009b, \\u009b",
    "2028, \\u2028",
    "202e, \\u202e",
    "2066, \\u2066",
    "d83d, \\ud83d"
  })
  void spellsOutWhatATerminalWouldObey(String code, String expected) {
    char c = (char) Integer.parseInt(code, 16);
    assertThat(Printable.line("a" + c + "b")).isEqualTo("a" + expected + "b");
    assertThat(Printable.line(String.valueOf(c))).isEqualTo(expected);
  }

  @Test
  void textOfSeveralLinesKeepsItsLayout() {
    assertThat(Printable.text("a\tb\r\nc\u001b[2J")).isEqualTo("a\tb\r\nc\\u001b[2J");
  }

  @Test
  void leavesTextAlone() {
    String family =
        "\uD83D\uDC69\u200D\uD83D\uDC67 na\u00EFve \u4F60\u597D \u0645\u0631\u062D\u0628\u0627 \\ \"";
    assertThat(Printable.line(family)).isSameAs(family);
    assertThat(Printable.line("")).isEmpty();
    assertThat(Printable.text(family)).isSameAs(family);
  }
}
