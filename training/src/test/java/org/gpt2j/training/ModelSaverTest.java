package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSaverTest {
  @TempDir Path output;

  private static ModelSaver writing(String content) {
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
    writing("old").replace(output);
    writing("new").replace(output);
    assertThat(names()).containsExactly("checkpoint-3", "config", "notes.txt", "weights");
    assertThat(output.resolve("config")).hasContent("new");
    assertThat(output.resolve("weights")).hasContent("new");
    assertThat(output.resolve("notes.txt")).hasContent("mine");
  }

  @Test
  void failureHalfWayLeavesEveryOldFile() throws IOException {
    writing("old").replace(output);
    ModelSaver failing =
        dir -> {
          Files.writeString(dir.resolve("config"), "new");
          throw new IOException("No space left on device");
        };
    assertThatThrownBy(() -> failing.replace(output)).hasMessage("No space left on device");
    assertThat(names()).containsExactly("config", "weights");
    assertThat(output.resolve("config")).hasContent("old");
    assertThat(output.resolve("weights")).hasContent("old");
  }

  @Test
  void makesTheDirectory() throws IOException {
    writing("x").replace(output.resolve("a/b"));
    assertThat(output.resolve("a/b/weights")).hasContent("x");
  }
}
