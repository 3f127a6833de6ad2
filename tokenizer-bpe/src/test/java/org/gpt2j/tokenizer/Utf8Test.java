package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {
  @ParameterizedTest
  @CsvSource({
    "a\uD800b, a\uFFFDb",
    "\uDC00, \uFFFD",
    "\uD83D, \uFFFD",
    "\uDE00\uD83D, \uFFFD\uFFFD",
    "\uD83D\uD83D\uDE00\uDE00, \uFFFD\uD83D\uDE00\uFFFD",
    "x\uD83D\uDE00y, x\uD83D\uDE00y"
  })
  void writesReplacementForLoneSurrogates(String text, String expected) {
    assertThat(Utf8.encode(text)).isEqualTo(expected.getBytes(StandardCharsets.UTF_8));
  }

  /** Expected values from The Unicode Standard 16, tables 3-8 to 3-11; F stands for U+FFFD. */
  @ParameterizedTest
  @CsvSource({
    "41, A",
    "C0AFE080BFF0818241, FFFFFFFFA",
    "EDA080EDBFBFEDAF41, FFFFFFFFA",
    "F4919293FF4180BF42, FFFFFAFFB",
    "E180E2F09192F1BF41, FFFFA",
    "E282, F",
    "F09F98, F",
    "F5808080, FFFF",
    "80, F"
  })
  void decodesBrokenSequences(String hex, String expected) {
    assertThat(Utf8.decodeLossy(HexFormat.of().parseHex(hex)))
        .isEqualTo(expected.replace('F', '\uFFFD'));
  }

  @Test
  void decodesEveryCodePoint() {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        all.appendCodePoint(c);
      }
    }
    String text = all.toString();
    assertThat(Utf8.decodeLossy(text.getBytes(StandardCharsets.UTF_8)).equals(text)).isTrue();
  }
}
