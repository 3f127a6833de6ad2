package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.JsonFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which checkpoint a training goes on from, and how damage is found. */
class FindCheckpointTest {
  @TempDir Path output;

  private final Path[] checkpoints = new Path[4];

  @BeforeEach
  void saveThree() throws IOException {
    try (Checkpoints all = new Checkpoints(output, new Object())) {
      all.open(0);
      for (int step = 1; step <= 3; step++) {
        String content = "weights of " + step;
        all.save(step, dir -> Files.writeString(dir.resolve("weights"), content));
        checkpoints[step] = all.path(step);
        date(step, step);
      }
    }
  }

  private void date(int step, int hours) throws IOException {
    Files.setLastModifiedTime(checkpoints[step], FileTime.fromMillis(hours * 3_600_000L));
  }

  /** Puts another file in the place of the number's, or none. */
  private void number(int step, String content) throws IOException {
    Path file = checkpoints[step].resolve(SaveNumber.FILE_NAME);
    Files.deleteIfExists(file);
    if (content != null) {
      Files.writeString(file, content);
    }
    Files.delete(checkpoints[step].resolve(Checksums.FILE_NAME));
    Checksums.write(checkpoints[step]);
    date(step, step);
  }

  private void damage(int step) throws IOException {
    Files.writeString(checkpoints[step].resolve("weights"), "Weights of " + step);
  }

  @Test
  void theNewestOfADirectoryOrTheOneThatIsNamed() throws IOException {
    assertThat(Checkpoints.find(output)).isEqualTo(checkpoints[3]);
    assertThat(Checkpoints.find(checkpoints[1])).isEqualTo(checkpoints[1]);
  }

  /** After a copy, or a clock that was set back. */
  @Test
  void timesDoNotMatter() throws IOException {
    date(3, -9);
    date(1, 9);
    assertThat(Checkpoints.find(output)).isEqualTo(checkpoints[3]);
  }

  @Test
  void aLaterTrainingOfFewerStepsIsNewer() throws IOException {
    try (Checkpoints later = new Checkpoints(output, new Object())) {
      later.open(0);
      later.save(2, dir -> Files.writeString(dir.resolve("weights"), "of the second training"));
    }
    date(2, -9);
    assertThat(Checkpoints.find(output)).isEqualTo(checkpoints[2]);
    assertThat(checkpoints[2].resolve("weights")).hasContent("of the second training");
  }

  /** What is continued in another directory is newer than what it was continued from. */
  @Test
  void numbersGoOnInAnotherDirectory(@TempDir Path other) throws IOException {
    try (Checkpoints later = new Checkpoints(other, new Object())) {
      later.open(0);
      later.adopt(checkpoints[3], List.of("checkpoint-3"));
      later.save(4, dir -> Files.writeString(dir.resolve("weights"), "w"));
    }
    Path moved = Files.move(other.resolve("checkpoint-4"), output.resolve("checkpoint-4"));
    Files.setLastModifiedTime(moved, FileTime.fromMillis(0));
    assertThat(Checkpoints.find(output)).isEqualTo(moved);
  }

  /** Those of earlier versions. */
  @Test
  void withoutNumbersTimesDecideThenSteps() throws IOException {
    for (int step = 1; step <= 3; step++) {
      number(step, null);
    }
    date(2, 9);
    assertThat(Checkpoints.find(output)).isEqualTo(checkpoints[2]);
    date(3, 9);
    assertThat(Checkpoints.find(output)).isEqualTo(checkpoints[3]);
    number(1, "{\"save_number\": 1}");
    assertThat(Checkpoints.find(output)).isEqualTo(checkpoints[1]);
  }

  @Test
  void numbersThatAreNoneCountForNothing() throws IOException {
    for (String content :
        List.of(
            "{\"save_number\": \"99\"}",
            "{\"save_number\": -1}",
            "{\"save_number\": 9.5}",
            "{\"save_number\": 9223372036854775807}",
            "{\"save_number\": 99999999999999999999}",
            "{\"save_number\": null}",
            "{}",
            "[]",
            "")) {
      number(1, content);
      assertThat(SaveNumber.read(checkpoints[1])).as(content).isZero();
      assertThat(Checkpoints.find(output)).as(content).isEqualTo(checkpoints[3]);
    }
    Files.delete(checkpoints[1].resolve(SaveNumber.FILE_NAME));
    Files.createDirectory(checkpoints[1].resolve(SaveNumber.FILE_NAME));
    assertThat(SaveNumber.read(checkpoints[1])).isZero();
  }

  /** The end is a step after the last checkpoint; the next training is after the end. */
  @Test
  void theEndOfATrainingComesAfterItsCheckpoints() throws IOException {
    assertThat(Checkpoints.isEnd(output)).isFalse();
    Checkpoints.markEnd(output);
    date(3, 9_999_999);
    assertThat(Checkpoints.isEnd(output)).isTrue();
    try (Checkpoints later = new Checkpoints(output, new Object())) {
      later.open(0);
      later.save(1, dir -> Files.writeString(dir.resolve("weights"), "w"));
    }
    date(1, -9);
    assertThat(Checkpoints.isEnd(output)).isFalse();
    assertThat(Checkpoints.find(output)).isEqualTo(checkpoints[1]);
  }

  @Test
  void aDamagedNewestOneIsPassedOver() throws IOException {
    damage(3);
    assertThat(Checkpoints.find(output)).isEqualTo(checkpoints[2]);
    Files.delete(checkpoints[2].resolve(Checksums.FILE_NAME));
    assertThat(Checkpoints.find(output)).isEqualTo(checkpoints[1]);
    damage(1);
    assertThatThrownBy(() -> Checkpoints.find(output))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            output + ": expected a whole checkpoint-STEP to resume from, found only damaged ones: ")
        .hasMessageContainingAll(
            checkpoints[1].toString(), checkpoints[2].toString(), checkpoints[3].toString());
  }

  @Test
  void aDamagedOneThatIsNamedIsRefused() throws IOException {
    damage(2);
    assertThatThrownBy(() -> Checkpoints.find(checkpoints[2]))
        .isInstanceOf(IOException.class)
        .hasMessageMatching(
            ".*checkpoint-2.weights: damaged: expected the SHA-256 [0-9a-f]{64}, found"
                + " [0-9a-f]{64}");
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    Files.delete(checkpoints[3].resolve("weights"));
    assertThatThrownBy(() -> Checksums.verify(checkpoints[3]))
        .isInstanceOf(IOException.class)
        .hasMessage(checkpoints[3] + ": the file weights of the checkpoint is missing");
  }

  @Test
  void sumsOfNothingOrOfFilesElsewhereAreRefused() throws IOException {
    Files.delete(checkpoints[3].resolve(SaveNumber.FILE_NAME));
    Path sums = checkpoints[3].resolve(Checksums.FILE_NAME);
    JsonFile.write(sums, JsonFile.parse("{}"));
    assertThatThrownBy(() -> Checksums.verify(checkpoints[3]))
        .hasMessage(sums + ": expected the files' sha256, found none");
    JsonFile.write(sums, JsonFile.parse("{\"sha256\": [\"weights\"]}"));
    assertThatThrownBy(() -> Checksums.verify(checkpoints[3]))
        .hasMessage(sums + ": expected the files' sha256, found none");
    JsonFile.write(sums, JsonFile.parse("{\"sha256\": {\"other\": \"0\"}}"));
    assertThatThrownBy(() -> Checksums.verify(checkpoints[3]))
        .hasMessage(sums + ": expected the sha256 of weights");
    for (String name :
        List.of("../checkpoint-2/weights", "/etc/hostname", "a/../../x", "\\u0000")) {
      JsonFile.write(
          sums, JsonFile.parse("{\"sha256\": {\"" + name + "\": \"0\", \"weights\": \"0\"}}"));
      assertThatThrownBy(() -> Checksums.verify(checkpoints[3]))
          .hasMessageStartingWith(checkpoints[3] + ": the file ")
          .hasMessageEndingWith(" of the checkpoint is missing");
    }
    Files.delete(sums);
    assertThatThrownBy(() -> Checksums.verify(checkpoints[3])).hasMessage(sums + ": no such file");
  }

  /** `sha256sum` of the text. */
  @Test
  void sumsAreSha256() throws IOException {
    JsonNode sums = JsonFile.read(checkpoints[1].resolve(Checksums.FILE_NAME)).get("sha256");
    assertThat(sums.properties())
        .extracting(Map.Entry::getKey)
        .containsExactly(SaveNumber.FILE_NAME, "weights");
    assertThat(sums.get("weights").textValue())
        .isEqualTo("9a97ba92d84ab7bfcd2380626e54093c6426f9ee7898d0062e87a27d5241ebf7");
  }

  @Test
  void refusesADirectoryWithoutAny(@TempDir Path empty) {
    assertThatThrownBy(() -> Checkpoints.find(empty))
        .isInstanceOf(IOException.class)
        .hasMessage(empty + ": expected a whole checkpoint-STEP to resume from, found none");
    Path none = empty.resolve("none");
    assertThatThrownBy(() -> Checkpoints.find(none))
        .isInstanceOf(IOException.class)
        .hasMessage(none + ": expected a directory with checkpoints to resume from, found none");
  }
}
