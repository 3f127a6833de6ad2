package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextDocumentsTest {
  @TempDir Path directory;

  record Case(String text, List<String> documents) {}

  static List<Case> cases() {
    return List.of(
        new Case("one\ntwo\nthree", List.of("one", "two", "three")),
        new Case("one\r\ntwo\r\n", List.of("one", "two")),
        new Case("a\nb\n\nc\nd\n", List.of("a\nb", "c\nd")),
        new Case("a\r\nb\r\n\r\nc", List.of("a\nb", "c")),
        new Case("a\n \t \nb", List.of("a", "b")),
        new Case("\n\na\n\n\n\n\nb\n\n", List.of("a", "b")),
        new Case("a\n \n \n\t\n  b", List.of("a", "b")),
        new Case("\uFEFFfirst\nsecond", List.of("first", "second")),
        new Case("\n\n  only  \n\n", List.of("only")),
        new Case("grüße 😀\n\nça", List.of("grüße 😀", "ça")));
  }

  private Path write(String text) throws IOException {
    return Files.writeString(directory.resolve("text.txt"), text);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void cutsAtBlankLinesElseAtLineEnds(Case c) throws IOException {
    assertThat(TextDocuments.read(write(c.text()))).isEqualTo(c.documents());
  }

  @Test
  void readsManyDocuments() throws IOException {
    assertThat(TextDocuments.read(write("line of text\n".repeat(200_000)))).hasSize(200_000);
    assertThat(TextDocuments.read(write("line\nof text\n\n".repeat(100_000)))).hasSize(100_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n\n\t\n ", "\uFEFF"})
  void refusesAFileWithoutText(String text) throws IOException {
    Path file = write(text);
    assertThatThrownBy(() -> TextDocuments.read(file))
        .isInstanceOf(DataFileException.class)
        .hasMessage(file + ": expected text, found an empty file");
  }

  @Test
  void refusesWhatIsNoTextFile() throws IOException {
    Path none = directory.resolve("none");
    assertThatThrownBy(() -> TextDocuments.read(none)).hasMessage(none + ": no such file");
    assertThatThrownBy(() -> TextDocuments.read(directory))
        .hasMessage(directory + ": expected a file, found a directory");
    Path latin1 =
        Files.write(
            directory.resolve("latin1"), "ok\ncaf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> TextDocuments.read(latin1))
        .isInstanceOf(DataFileException.class)
        .hasMessageStartingWith(latin1 + ": line 2: expected UTF-8, found the byte 0xE9");
  }
}
