package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.gpt2j.io.JsonFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BestCheckpointTest {
  @TempDir Path output;

  private static TrainerState state(int step) {
    TrainerState state = new TrainerState(TrainingArguments.defaults(), 100, 10);
    for (int i = 0; i < step; i++) {
      state.step();
    }
    return state;
  }

  private static List<String> names(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static ModelSaver writing(String content) {
    return dir -> {
      Files.writeString(dir.resolve("weights"), content);
      Files.createDirectories(dir.resolve("deep"));
      Files.writeString(dir.resolve("deep/file"), content);
    };
  }

  private static void assertComplete(Path checkpoint, String content) {
    assertThat(checkpoint.resolve("weights")).hasContent(content);
    assertThat(checkpoint.resolve("deep/file")).hasContent(content);
    assertThat(checkpoint.resolve(TrainerState.FILE_NAME)).isNotEmptyFile();
  }

  @Test
  void keepsTheBestOnly() throws IOException {
    BestCheckpoint best = new BestCheckpoint(output, writing("w"));
    for (int step : new int[] {5, 10, 25}) {
      best.replace(step, state(step));
      assertThat(names(output)).containsExactly("checkpoint-" + step);
      assertComplete(best.path(step), "w");
      Path file = best.path(step).resolve(TrainerState.FILE_NAME);
      assertThat(JsonFile.read(file).get("global_step").asInt()).isEqualTo(step);
    }
  }

  @Test
  void oneIsCompleteWhileTheNextIsWritten() throws IOException {
    List<List<String>> seen = new ArrayList<>();
    BestCheckpoint best =
        new BestCheckpoint(
            output,
            dir -> {
              writing("w").save(dir);
              seen.add(names(output).stream().filter(n -> n.startsWith("checkpoint-")).toList());
              if (Files.exists(output.resolve("checkpoint-5"))) {
                assertComplete(output.resolve("checkpoint-5"), "w");
              }
            });
    best.replace(5, state(5));
    best.replace(10, state(10));
    assertThat(seen).containsExactly(List.of(), List.of("checkpoint-5"));
  }

  @Test
  void failureLeavesTheOneBeforeWhole() throws IOException {
    boolean[] full = {false};
    BestCheckpoint best =
        new BestCheckpoint(
            output,
            dir -> {
              Files.writeString(dir.resolve("weights"), full[0] ? "half" : "whole");
              if (full[0]) {
                throw new IOException("No space left on device");
              }
              writing("whole").save(dir);
            });
    best.replace(5, state(5));
    full[0] = true;
    assertThatThrownBy(() -> best.replace(10, state(10))).hasMessage("No space left on device");
    assertThat(names(output)).contains("checkpoint-5").doesNotContain("checkpoint-10");
    assertComplete(best.path(5), "whole");
    full[0] = false;
    best.replace(10, state(10));
    assertThat(names(output)).containsExactly("checkpoint-10");
  }

  @Test
  void checkpointsOfOthersStay() throws IOException {
    Path older = Files.createDirectories(output.resolve("checkpoint-40"));
    Files.writeString(older.resolve("mine"), "kept");
    Files.writeString(output.resolve("adapter_model.safetensors"), "kept");
    BestCheckpoint best = new BestCheckpoint(output, writing("w"));
    best.replace(5, state(5));
    best.replace(10, state(10));
    assertThat(names(output))
        .containsExactly("adapter_model.safetensors", "checkpoint-10", "checkpoint-40");
    assertThat(older.resolve("mine")).hasContent("kept");
  }

  @Test
  void anOlderOneOfTheSameStepIsReplacedWhole() throws IOException {
    Path older = Files.createDirectories(output.resolve("checkpoint-5"));
    Files.writeString(older.resolve("stale"), "x");
    new BestCheckpoint(output, writing("new")).replace(5, state(5));
    assertThat(names(output)).containsExactly("checkpoint-5");
    assertThat(names(older)).containsExactly("deep", TrainerState.FILE_NAME, "weights");
    assertComplete(older, "new");
  }

  @Test
  void makesTheOutputDirectory() throws IOException {
    Path deep = output.resolve("a/b");
    new BestCheckpoint(deep, writing("w")).replace(1, state(1));
    assertThat(names(deep)).containsExactly("checkpoint-1");
  }
}
