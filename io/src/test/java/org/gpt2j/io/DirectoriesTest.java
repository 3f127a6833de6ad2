package org.gpt2j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoriesTest {
  @TempDir Path output;

  private static Directories.Content writing(String content) {
    return dir -> {
      Files.writeString(dir.resolve("config"), content);
      Files.writeString(dir.resolve("weights"), content);
    };
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void replacesItsOwnFilesAndLeavesOthers() throws IOException {
    Files.createDirectories(output.resolve("checkpoint-3"));
    Files.writeString(output.resolve("notes.txt"), "mine");
    Directories.replaceFiles(output, writing("old"));
    Directories.replaceFiles(output, writing("new"));
    assertThat(names()).containsExactly("checkpoint-3", "config", "notes.txt", "weights");
    assertThat(output.resolve("config")).hasContent("new");
    assertThat(output.resolve("weights")).hasContent("new");
    assertThat(output.resolve("notes.txt")).hasContent("mine");
  }

  @Test
  void failureHalfWayLeavesEveryOldFile() throws IOException {
    Directories.replaceFiles(output, writing("old"));
    Directories.Content failing =
        dir -> {
          Files.writeString(dir.resolve("config"), "new");
          throw new IOException("No space left on device");
        };
    assertThatThrownBy(() -> Directories.replaceFiles(output, failing))
        .hasMessage("No space left on device");
    assertThat(names()).containsExactly("config", "weights");
    assertThat(output.resolve("config")).hasContent("old");
    assertThat(output.resolve("weights")).hasContent("old");
  }

  @Test
  void oldFilesAreThereWhileTheNewOnesAreWritten() throws IOException {
    Directories.replaceFiles(output, writing("old"));
    Directories.replaceFiles(
        output,
        dir -> {
          writing("new").writeTo(dir);
          assertThat(output.resolve("weights")).hasContent("old");
        });
    assertThat(output.resolve("weights")).hasContent("new");
  }

  @Test
  void whatAKilledProcessLeftIsNotTakenOver() throws IOException {
    Path left = Files.createDirectories(output.resolve(".saving.tmp"));
    Files.writeString(left.resolve("half"), "half");
    Directories.replaceFiles(output, writing("new"));
    assertThat(names()).containsExactly("config", "weights");
  }

  @Test
  void makesTheDirectory() throws IOException {
    Directories.replaceFiles(output.resolve("a/b"), writing("x"));
    assertThat(output.resolve("a/b/weights")).hasContent("x");
  }

  @Test
  void deletesADirectoryWithAllThatIsInIt() throws IOException {
    Path dir = output.resolve("gone");
    Files.createDirectories(dir.resolve("a/b"));
    Files.writeString(dir.resolve("a/b/file"), "x");
    Files.writeString(dir.resolve("file"), "x");
    Files.writeString(output.resolve("other"), "mine");
    Directories.delete(dir);
    assertThat(names()).containsExactly("other");
    Directories.delete(dir);
  }
}
