package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmsSpamCollectionTest {
  @TempDir Path directory;

  private Path file(String content) throws IOException {
    return file(content.getBytes(StandardCharsets.UTF_8));
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(directory.resolve("sms.tsv"), content);
  }

  private static LabeledText ham(String text) {
    return new LabeledText("ham", text);
  }

  private static LabeledText spam(String text) {
    return new LabeledText("spam", text);
  }

  static List<String[]> pandasCases() throws IOException {
    return Fixtures.rows("pandas-tsv.tsv");
  }

  @ParameterizedTest
  @MethodSource("pandasCases")
  void pandasQuotingReadsWhatPandasReads(String input, String expected) throws IOException {
    ObjectMapper json = new ObjectMapper();
    Path file = file(json.readValue(input, String.class));
    if (expected.equals("error")) {
      assertThatThrownBy(() -> SmsSpamCollection.read(file, true))
          .isInstanceOf(DataFileException.class);
      return;
    }
    List<LabeledText> rows =
        Arrays.stream(json.readValue(expected, String[][].class))
            .map(row -> new LabeledText(row[0], row[1]))
            .toList();
    assertThat(SmsSpamCollection.read(file, true)).isEqualTo(rows);
  }

  @Test
  void quotesAreOrdinaryByDefault() throws IOException {
    assertThat(SmsSpamCollection.read(file("ham\t\"a\nspam\tb\" \"\"c\n"), false))
        .containsExactly(ham("\"a"), spam("b\" \"\"c"));
  }

  @Test
  void readsCrlfBlankLinesByteOrderMarkAndNoFinalLineEnd() throws IOException {
    assertThat(SmsSpamCollection.read(file("\uFEFFham\ta \r\n\r\n \n\nspam\t ☕"), false))
        .containsExactly(ham("a "), spam(" ☕"));
  }

  @Test
  void textIsAllBehindTheFirstTabWithoutTabsAtTheEnd() throws IOException {
    assertThat(SmsSpamCollection.read(file("ham\ta\tb\t\nspam\tc\t\t\t\r\n"), false))
        .containsExactly(ham("a\tb"), spam("c"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void linesEndInReturnsToo(boolean pandasQuoting) throws IOException {
    assertThat(SmsSpamCollection.read(file("ham\ta\rspam\tb\r\nham\tc\n\rspam\td"), pandasQuoting))
        .containsExactly(ham("a"), spam("b"), ham("c"), spam("d"));
  }

  @Test
  void caseOfALabelDoesNotMatter() throws IOException {
    assertThat(SmsSpamCollection.read(file("ham\ta\nSPAM\tb\n Ham \tc\n"), false))
        .containsExactly(ham("a"), spam("b"), ham("c"));
  }

  @Test
  void readsTheUciFile() throws IOException {
    Path uci = Fixtures.uciCollection();
    List<LabeledText> plain = SmsSpamCollection.read(uci, false);
    assertThat(plain).hasSize(5574);
    assertThat(plain.stream().filter(row -> row.label().equals("spam"))).hasSize(747);
    List<LabeledText> pandas = SmsSpamCollection.read(uci, true);
    assertThat(pandas).hasSize(5572);
    assertThat(pandas.stream().filter(row -> row.label().equals("spam"))).hasSize(747);
  }

  @Test
  void readsTheSampleOfThisRepositoryAlikeInBothModes() throws IOException {
    Path sample = Path.of("../dataset/sample-sms.tsv");
    List<LabeledText> rows = SmsSpamCollection.read(sample, false);
    assertThat(rows).hasSize(400).doesNotHaveDuplicates();
    assertThat(rows.stream().filter(row -> row.label().equals("spam"))).hasSize(200);
    assertThat(SmsSpamCollection.read(sample, true)).isEqualTo(rows);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void namesTheLineWithoutTab(boolean pandasQuoting) throws IOException {
    Path file = file("ham\ta\n\nspam " + "x".repeat(60) + "\n");
    assertThatThrownBy(() -> SmsSpamCollection.read(file, pandasQuoting))
        .isInstanceOf(DataFileException.class)
        .hasMessage(
            "%s: line 3: expected label, tab, text, found no tab in 'spam %s...'",
            file, "x".repeat(35));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void namesTheLineWithUnknownLabel(boolean pandasQuoting) throws IOException {
    Path file = file("ham\ta\nHams\tb\n");
    assertThatThrownBy(() -> SmsSpamCollection.read(file, pandasQuoting))
        .hasMessage(file + ": line 2: expected the label ham or spam, found 'Hams'");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void namesTheLineWithoutText(boolean pandasQuoting) throws IOException {
    Path file = file("ham\ta\r\nspam\t\r\nham\tb\r\n");
    assertThatThrownBy(() -> SmsSpamCollection.read(file, pandasQuoting))
        .hasMessage(file + ": line 2: expected a text after the label, found nothing");
  }

  @Test
  void namesTheLineAfterAMessageOverSeveralLines() throws IOException {
    Path file = file("ham\t\"a\nb\nc\"\nsmap\td\n");
    assertThatThrownBy(() -> SmsSpamCollection.read(file, true))
        .hasMessage(file + ": line 4: expected the label ham or spam, found 'smap'");
  }

  @Test
  void namesTheLineWithTheOpenQuoteOrTheSecondTab() throws IOException {
    Path open = file("ham\ta\nham\t\"b\nham\tc\n");
    assertThatThrownBy(() -> SmsSpamCollection.read(open, true))
        .hasMessage(open + ": line 2: expected a closing quote, found the end of the file");
    Path tabs = file("ham\ta\nham\tb\tc\n");
    assertThatThrownBy(() -> SmsSpamCollection.read(tabs, true))
        .hasMessage(tabs + ": line 2: expected one tab outside quotes, found 2");
  }

  @Test
  void namesTheLineWithBrokenUtf8() throws IOException {
    Path latin1 = file("ham\ta\nspam\t\u00a3100\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> SmsSpamCollection.read(latin1, false))
        .isInstanceOf(DataFileException.class)
        .hasMessageStartingWith(latin1 + ": line 2: expected UTF-8, found the byte 0xA3");
    Path cutOff = file(new byte[] {'h', 'a', 'm', '\t', (byte) 0xE2, (byte) 0x98});
    assertThatThrownBy(() -> SmsSpamCollection.read(cutOff, false))
        .hasMessageStartingWith(cutOff + ": line 1: expected UTF-8, found the byte 0xE2");
  }

  @Test
  void refusesUtf16() throws IOException {
    Path withMark = file("ham\ta\n".getBytes(StandardCharsets.UTF_16));
    assertThatThrownBy(() -> SmsSpamCollection.read(withMark, false))
        .hasMessageContaining("line 1: expected UTF-8");
    Path withoutMark = file("ham\ta\n".getBytes(StandardCharsets.UTF_16LE));
    assertThatThrownBy(() -> SmsSpamCollection.read(withoutMark, false))
        .hasMessageContaining("line 1: expected UTF-8 text, found a NUL character");
  }

  @Test
  void refusesEmptyMissingAndDirectory() throws IOException {
    for (String empty : List.of("", "\n \n", "\uFEFF")) {
      Path file = file(empty);
      assertThatThrownBy(() -> SmsSpamCollection.read(file, false))
          .isInstanceOf(DataFileException.class)
          .hasMessage(file + ": expected text, found an empty file");
    }
    Path missing = directory.resolve("none.tsv");
    assertThatThrownBy(() -> SmsSpamCollection.read(missing, false))
        .hasMessage(missing + ": no such file");
    assertThatThrownBy(() -> SmsSpamCollection.read(directory, false))
        .hasMessage(directory + ": expected a file, found a directory");
  }
}
