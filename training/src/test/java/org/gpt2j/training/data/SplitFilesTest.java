package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitFilesTest {
  /** The texts of AWKWARD in fixtures/data/make_data_fixtures.py. */
  private static final List<String> AWKWARD =
      List.of(
          "plain",
          "a \"quoted\" word",
          "\"all quoted\"",
          "a, comma",
          "line\nbreak",
          "line\r\nbreak",
          "lone\rreturn",
          " space before",
          "space after ",
          "\ttab\t",
          "   ",
          "\"",
          "\"\"",
          ",",
          "\n",
          "it's",
          "#hash",
          "!bang",
          "0",
          "007",
          "1e5",
          "NA",
          "null",
          "nan",
          "None",
          "<NA>",
          "True",
          "£100 ☕ 😂",
          "back\\slash\\\"",
          "Label,Text",
          "nbsp\u00a0",
          "\u2028",
          "=1+1");

  @TempDir Path directory;

  private static List<LabeledText> awkward() {
    List<LabeledText> rows = new ArrayList<>();
    for (String text : AWKWARD) {
      rows.add(new LabeledText(rows.size() % 2 == 0 ? "ham" : "spam", text));
    }
    return rows;
  }

  private static DataSplit split(String text) {
    List<LabeledText> rows = List.of(new LabeledText("ham", text));
    return new DataSplit(rows, rows, rows);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Path csv(String content) throws IOException {
    return Files.writeString(directory.resolve("rows.csv"), content);
  }

  @Test
  void writesTheBytesThatPandasWritesAndReadsBack() throws IOException {
    SplitFiles.write(directory, new DataSplit(awkward(), awkward(), awkward()));
    assertThat(names()).containsExactly("test.csv", "train.csv", "validation.csv");
    for (String name : names()) {
      assertThat(directory.resolve(name)).hasSameBinaryContentAs(Fixtures.path("awkward.csv"));
      assertThat(SplitFiles.read(directory.resolve(name))).isEqualTo(awkward());
    }
  }

  @Test
  void readsTheDefaultOutputOfPandasWithNumberLabels() throws IOException {
    List<LabeledText> expected =
        awkward().stream().filter(row -> !row.text().equals("lone\rreturn")).toList();
    assertThat(SplitFiles.read(Fixtures.path("awkward-minimal.csv"))).isEqualTo(expected);
  }

  @Test
  void readsCrlfByteOrderMarkAndBlankLines() throws IOException {
    Path file = csv("\uFEFFLabel,Text\r\nham,a\r\n\r\n1,\" b \"");
    assertThat(SplitFiles.read(file))
        .containsExactly(new LabeledText("ham", "a"), new LabeledText("spam", " b "));
  }

  @Test
  void makesTheDirectoryAndReplacesOldFiles() throws IOException {
    Path deep = directory.resolve("a/b");
    SplitFiles.write(deep, split("old"));
    SplitFiles.write(deep, split("new"));
    for (String name : List.of("train.csv", "validation.csv", "test.csv")) {
      assertThat(deep.resolve(name)).hasContent("\"Label\",\"Text\"\n\"ham\",\"new\"");
    }
  }

  @Test
  void leavesOldFilesWhenATargetIsADirectory() throws IOException {
    SplitFiles.write(directory, split("old"));
    Files.delete(directory.resolve("test.csv"));
    Files.createDirectory(directory.resolve("test.csv"));
    assertThatThrownBy(() -> SplitFiles.write(directory, split("new")))
        .isInstanceOf(DataFileException.class)
        .hasMessage(
            directory.resolve("test.csv") + ": expected a file or nothing, found a directory");
    assertThat(directory.resolve("train.csv")).content().contains("old");
    assertThat(names()).containsExactly("test.csv", "train.csv", "validation.csv");
  }

  @Test
  void leavesOldFilesWhenWritingFailsHalfWay() throws IOException {
    SplitFiles.write(directory, split("old"));
    List<LabeledText> loneSurrogate = List.of(new LabeledText("ham", "\uD83D"));
    DataSplit broken = new DataSplit(split("new").train(), loneSurrogate, loneSurrogate);
    assertThatThrownBy(() -> SplitFiles.write(directory, broken))
        .isInstanceOf(DataFileException.class)
        .hasMessageStartingWith(directory + ": cannot write the split here");
    assertThat(directory.resolve("train.csv")).content().contains("old");
    assertThat(names()).containsExactly("test.csv", "train.csv", "validation.csv");
  }

  @Test
  void refusesAFileAsDirectory() throws IOException {
    Path file = csv("x");
    assertThatThrownBy(() -> SplitFiles.write(file, split("a")))
        .hasMessage(file + ": expected a directory to write into, found a file");
    assertThatThrownBy(() -> SplitFiles.write(file.resolve("below"), split("a")))
        .isInstanceOf(DataFileException.class)
        .hasMessageStartingWith(file.resolve("below") + ": cannot make this directory");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Text,Label", "label,text", "Label", "Label,Text,Extra", ",Label,Text"})
  void refusesOtherHeaders(String header) throws IOException {
    Path file = csv(header + "\nham,a\n");
    assertThatThrownBy(() -> SplitFiles.read(file))
        .isInstanceOf(DataFileException.class)
        .hasMessage(file + ": expected the header Label,Text, found '" + header + "'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'ham,a\n2,b'|row 2: expected the label ham or spam, found '2'",
        "'ham,\"a\nb\"\n\nham'|row 2: expected 2 columns, found 1",
        "'ham,a,b'|row 1: expected 2 columns, found 3",
        "'ham,a\nspam,\"\"'|row 2: expected a text after the label, found nothing",
        "'ham,a\nspam,'|row 2: expected a text after the label, found nothing"
      })
  void namesTheBadRow(String rows, String problem) throws IOException {
    Path file = csv("Label,Text\n" + rows);
    assertThatThrownBy(() -> SplitFiles.read(file))
        .isInstanceOf(DataFileException.class)
        .hasMessage(file + ": " + problem);
  }

  @Test
  void readsTextBehindAClosingQuote() throws IOException {
    assertThat(SplitFiles.read(csv("Label,Text\nham,a\nham,\"x\"y\n")))
        .containsExactly(new LabeledText("ham", "a"), new LabeledText("ham", "xy"));
  }

  @Test
  void namesTheRowWithBadQuotes() throws IOException {
    Path file = csv("Label,Text\nham,a\nham,\"open");
    assertThatThrownBy(() -> SplitFiles.read(file))
        .isInstanceOf(DataFileException.class)
        .hasMessageStartingWith(file + ": row 2 is not valid CSV");
  }

  @Test
  void refusesEmptyMissingAndBrokenFiles() throws IOException {
    Path headerOnly = csv("Label,Text\n");
    assertThatThrownBy(() -> SplitFiles.read(headerOnly))
        .hasMessage(headerOnly + ": expected rows below the header, found none");
    Path empty = csv("");
    assertThatThrownBy(() -> SplitFiles.read(empty)).hasMessageContaining("an empty file");
    assertThatThrownBy(() -> SplitFiles.read(directory)).hasMessageContaining("a directory");
    Path missing = directory.resolve("none.csv");
    assertThatThrownBy(() -> SplitFiles.read(missing)).hasMessage(missing + ": no such file");
    Path latin1 =
        Files.write(
            directory.resolve("latin1.csv"),
            "Label,Text\nham,caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> SplitFiles.read(latin1)).hasMessageContaining("line 2");
  }

  @Test
  void knowsTheTextsThatPandasTakesForMissing() {
    assertThat(AWKWARD.stream().filter(SplitFiles::readAsMissingByPandas))
        .containsExactly("NA", "null", "nan", "None", "<NA>");
  }
}
