package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.gpt2j.io.Directories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  @TempDir Path output;

  private static List<String> names(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static Directories.Content writing(String content) {
    return dir -> {
      Files.writeString(dir.resolve("weights"), content);
      Files.createDirectories(dir.resolve("deep"));
      Files.writeString(dir.resolve("deep/file"), content);
    };
  }

  private static void assertComplete(Path checkpoint, String content) throws IOException {
    assertThat(checkpoint.resolve("weights")).hasContent(content);
    assertThat(checkpoint.resolve("deep/file")).hasContent(content);
    Checksums.verify(checkpoint);
  }

  private Checkpoints open() throws IOException {
    Checkpoints checkpoints = new Checkpoints(output, new Object());
    checkpoints.open(0);
    return checkpoints;
  }

  private String inUse() {
    return "output_dir " + output + ": another training is writing into it";
  }

  /** Checkpoints with the content "w" of these steps. */
  private void saveAll(Checkpoints checkpoints, int... steps) throws IOException {
    for (int step : steps) {
      checkpoints.save(step, writing("w"));
    }
  }

  @Test
  void oneIsThereWholeAndNothingElse() throws IOException {
    try (Checkpoints checkpoints = open()) {
      saveAll(checkpoints, 5, 10);
      assertThat(names(output)).containsExactly(".training.lock", "checkpoint-10", "checkpoint-5");
      assertComplete(checkpoints.path(5), "w");
      assertComplete(checkpoints.path(10), "w");
    }
    assertThat(names(output)).containsExactly("checkpoint-10", "checkpoint-5");
  }

  @Test
  void whileOneIsWrittenItsNameIsNotThereAndTheOneBeforeIsWhole() throws IOException {
    List<List<String>> seen = new ArrayList<>();
    Directories.Content looking =
        dir -> {
          writing("w").writeTo(dir);
          seen.add(names(output).stream().filter(n -> n.startsWith("checkpoint-")).toList());
          if (Files.exists(output.resolve("checkpoint-5"))) {
            assertComplete(output.resolve("checkpoint-5"), "w");
          }
        };
    try (Checkpoints checkpoints = open()) {
      checkpoints.save(5, looking);
      checkpoints.save(10, looking);
    }
    assertThat(seen).containsExactly(List.of(), List.of("checkpoint-5"));
  }

  @Test
  void failureLeavesTheOneBeforeWhole() throws IOException {
    Directories.Content failing =
        dir -> {
          Files.writeString(dir.resolve("weights"), "half");
          throw new IOException("No space left on device");
        };
    try (Checkpoints checkpoints = open()) {
      checkpoints.save(5, writing("whole"));
      for (int step : new int[] {5, 10}) {
        assertThatThrownBy(() -> checkpoints.save(step, failing))
            .hasMessage("No space left on device");
        assertThat(names(output)).containsExactly(".training.lock", "checkpoint-5");
        assertComplete(checkpoints.path(5), "whole");
      }
      checkpoints.save(10, writing("later"));
      assertComplete(checkpoints.path(10), "later");
    }
  }

  @Test
  void anOlderOneOfTheSameStepIsReplacedWhole() throws IOException {
    Path older = Files.createDirectories(output.resolve("checkpoint-5"));
    Files.writeString(older.resolve("stale"), "x");
    try (Checkpoints checkpoints = open()) {
      checkpoints.save(5, writing("new"));
    }
    assertThat(names(output)).containsExactly("checkpoint-5");
    assertThat(names(older))
        .containsExactly(Checksums.FILE_NAME, "deep", SaveNumber.FILE_NAME, "weights");
    assertComplete(older, "new");
  }

  @Test
  void prunesTheOldestButNeverTheBestOrTheNewest() throws IOException {
    try (Checkpoints checkpoints = open()) {
      saveAll(checkpoints, 1, 2, 3, 4, 5);
      checkpoints.prune(null, null);
      assertThat(names(output)).contains("checkpoint-1");
      checkpoints.prune(4, null);
      assertThat(names(output)).doesNotContain("checkpoint-1").contains("checkpoint-2");
      checkpoints.prune(2, checkpoints.path(3));
      assertThat(names(output)).containsExactly(".training.lock", "checkpoint-3", "checkpoint-5");
      checkpoints.prune(1, checkpoints.path(3));
      assertThat(names(output)).containsExactly(".training.lock", "checkpoint-3", "checkpoint-5");
      checkpoints.prune(1, checkpoints.path(5));
      assertThat(names(output)).containsExactly(".training.lock", "checkpoint-5");
    }
  }

  /** A clock that was set back; one step saved twice is as new as the second time. */
  @Test
  void prunesInTheOrderOfWritingWhateverTheTimes() throws IOException {
    try (Checkpoints checkpoints = open()) {
      saveAll(checkpoints, 9, 3, 4, 3);
      Files.setLastModifiedTime(checkpoints.path(3), FileTime.fromMillis(0));
      checkpoints.prune(2, null);
      assertThat(names(output)).containsExactly(".training.lock", "checkpoint-3", "checkpoint-4");
      checkpoints.prune(1, null);
      assertThat(names(output)).containsExactly(".training.lock", "checkpoint-3");
    }
    try (Checkpoints checkpoints = open()) {
      checkpoints.adopt(checkpoints.path(3), List.of("checkpoint-3"));
      Files.setLastModifiedTime(checkpoints.path(3), FileTime.fromMillis(Long.MAX_VALUE / 2));
      saveAll(checkpoints, 1);
      checkpoints.prune(1, null);
    }
    assertThat(names(output)).containsExactly("checkpoint-1");
  }

  @Test
  void keepsOnlyTheBestAtTheEnd() throws IOException {
    try (Checkpoints checkpoints = open()) {
      saveAll(checkpoints, 1, 2, 3);
      checkpoints.keepOnly(checkpoints.path(2));
      assertThat(names(output)).containsExactly(".training.lock", "checkpoint-2");
    }
  }

  @Test
  void whatOthersWroteStays() throws IOException {
    Path older = Files.createDirectories(output.resolve("checkpoint-40"));
    Files.writeString(older.resolve("mine"), "kept");
    Files.createDirectories(output.resolve("checkpoint-best"));
    Files.writeString(output.resolve("adapter_model.safetensors"), "kept");
    try (Checkpoints checkpoints = open()) {
      saveAll(checkpoints, 5, 10);
      checkpoints.prune(1, null);
      checkpoints.keepOnly(checkpoints.path(10));
    }
    assertThat(names(output))
        .containsExactly(
            "adapter_model.safetensors", "checkpoint-10", "checkpoint-40", "checkpoint-best");
    assertThat(older.resolve("mine")).hasContent("kept");
  }

  @Test
  void aTrainingThatGoesOnPrunesTheOnesBefore() throws IOException {
    try (Checkpoints checkpoints = open()) {
      saveAll(checkpoints, 1, 2);
    }
    try (Checkpoints checkpoints = open()) {
      checkpoints.adopt(checkpoints.path(2), List.of("checkpoint-1", "checkpoint-2", "../x"));
      saveAll(checkpoints, 3);
      checkpoints.prune(1, null);
    }
    assertThat(names(output)).containsExactly("checkpoint-3");
  }

  @Test
  void aTrainingThatGoesOnElsewhereLeavesWhatIsThere() throws IOException {
    Path other = output.resolve("other");
    try (Checkpoints checkpoints = new Checkpoints(other, new Object())) {
      checkpoints.open(0);
      saveAll(checkpoints, 2);
    }
    try (Checkpoints checkpoints = open()) {
      saveAll(checkpoints, 2);
    }
    try (Checkpoints checkpoints = open()) {
      checkpoints.adopt(other.resolve("checkpoint-2"), List.of("checkpoint-2"));
      assertThat(checkpoints.isOwn(checkpoints.path(2))).isFalse();
      saveAll(checkpoints, 3);
      checkpoints.prune(1, null);
      checkpoints.keepOnly(checkpoints.path(2));
    }
    assertThat(names(output)).containsExactly("checkpoint-2", "checkpoint-3", "other");
  }

  /** Killed between moving the old one away and the new one in. */
  @Test
  void anOldOneWhoseNameIsFreeIsPutBack() throws IOException {
    try (Checkpoints checkpoints = open()) {
      saveAll(checkpoints, 7);
    }
    Files.move(output.resolve("checkpoint-7"), output.resolve(".checkpoint-7.old"));
    open().close();
    assertThat(names(output)).containsExactly("checkpoint-7");
    assertThat(Checkpoints.find(output)).isEqualTo(output.resolve("checkpoint-7"));
  }

  @Test
  void whatAKilledProcessLeftIsRemoved() throws IOException {
    for (String name : List.of(".checkpoint-5.tmp", ".checkpoint-x.tmp")) {
      Files.createDirectories(output.resolve(name).resolve("deep"));
      Files.writeString(output.resolve(name).resolve("deep/weights"), "half");
    }
    Files.writeString(output.resolve(".training.lock"), "");
    open().close();
    assertThat(names(output)).containsExactly(".checkpoint-x.tmp");
  }

  @Test
  void makesTheOutputDirectory() throws IOException {
    Path deep = output.resolve("a/b");
    try (Checkpoints checkpoints = new Checkpoints(deep, new Object())) {
      checkpoints.open(0);
      saveAll(checkpoints, 1);
    }
    assertThat(names(deep)).containsExactly("checkpoint-1");
  }

  @Test
  void refusesASecondTrainingInTheSameDirectory() throws IOException {
    try (Checkpoints first = open()) {
      saveAll(first, 1);
      assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessage(inUse());
      assertThatThrownBy(this::open).hasMessage(inUse());
      saveAll(first, 2);
    }
    open().close();
  }

  /** Opens a directory, says so or why not, and holds it until its input ends. */
  public static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] args) throws IOException {
      try (Checkpoints checkpoints = new Checkpoints(Path.of(args[0]), new Object())) {
        checkpoints.open(0);
        System.out.println("open");
        System.in.read();
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private Process startOther() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            OtherProcess.class.getName(),
            output.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static String firstLine(Process process) throws IOException {
    return new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
        .readLine();
  }

  @Test
  void refusesTheDirectoryOfAnotherProcess() throws Exception {
    Process other = startOther();
    try {
      assertThat(firstLine(other)).isEqualTo("open");
      assertThatThrownBy(this::open).hasMessage(inUse());
    } finally {
      other.destroyForcibly();
    }
    assertThat(other.waitFor(30, TimeUnit.SECONDS)).isTrue();
    // The lock of a process that was killed is gone, its file is not.
    assertThat(names(output)).containsExactly(".training.lock");
    open().close();
    assertThat(output).isEmptyDirectory();
  }

  /** Refused trainings in this process do not let go of the lock. */
  @Test
  void anotherProcessIsRefusedToo() throws Exception {
    try (Checkpoints first = open()) {
      assertThatThrownBy(this::open).hasMessage(inUse());
      Process other = startOther();
      try {
        assertThat(firstLine(other)).isEqualTo(inUse());
      } finally {
        other.destroyForcibly();
      }
      saveAll(first, 1);
    }
    assertThat(names(output)).containsExactly("checkpoint-1");
  }

  @Test
  void aLinkToADirectoryIsADirectory() throws IOException {
    Path real = Files.createDirectories(output.resolve("real"));
    Path link = output.resolve("link");
    try {
      Files.createSymbolicLink(link, real);
    } catch (IOException | UnsupportedOperationException e) {
      abort("no links here: " + e);
    }
    try (Checkpoints checkpoints = new Checkpoints(link, new Object());
        Checkpoints second = new Checkpoints(real, new Object())) {
      checkpoints.open(0);
      assertThatThrownBy(() -> second.open(0))
          .hasMessage("output_dir " + real + ": another training is writing into it");
      saveAll(checkpoints, 1);
    }
    assertThat(names(real)).containsExactly("checkpoint-1");
  }

  @Test
  void refusesADirectoryThatCannotBeWrittenTo() throws IOException {
    Path readOnly = Files.createDirectories(output.resolve("read-only"));
    // Permissions do not bind root, and Windows has others; Linux has a directory that binds all.
    Path dir =
        readOnly.toFile().setWritable(false) && !Files.isWritable(readOnly)
            ? readOnly
            : Path.of("/proc/self/task");
    assumeTrue(Files.isDirectory(dir));
    assertThatThrownBy(() -> new Checkpoints(dir, new Object()).open(0))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "output_dir " + dir + ": expected a directory to write into, found ");
    assertThatThrownBy(() -> new Checkpoints(dir.resolve("below"), new Object()).open(0))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "output_dir " + dir.resolve("below") + ": expected a directory to write into, found ");
  }

  @Test
  void refusesAFileInTheDirectorysPlace() throws IOException {
    Path file = Files.writeString(output.resolve("file"), "x");
    assertThatThrownBy(() -> new Checkpoints(file, new Object()).open(0))
        .isInstanceOf(IOException.class)
        .hasMessage("output_dir " + file + ": expected a directory, found a file");
    Path below = file.resolve("below");
    assertThatThrownBy(() -> new Checkpoints(below, new Object()).open(0))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "output_dir " + below + ": expected a directory to write into, found ");
    assertThat(file).hasContent("x");
  }

  @Test
  void refusesADiskThatIsTooFull() {
    assertThatThrownBy(() -> new Checkpoints(output, new Object()).open(Long.MAX_VALUE))
        .isInstanceOf(IOException.class)
        .hasMessageMatching(
            "output_dir .*: expected 9,223,372,036,85\\d MB free on its disk for checkpoints,"
                + " found [\\d,]+ MB");
    assertThat(output).isEmptyDirectory();
  }

  /** Nothing is trained that could not be saved. */
  @Test
  void trainingsAreRefusedBeforeTheirFirstStep() throws IOException {
    Path file = Files.writeString(output.resolve("file"), "x");
    List<String> events = new ArrayList<>();
    Trainer trainer =
        Trainer.builder(TinyModel.classifier())
            .args(TinyModel.arguments(file, "{\"max_steps\": 1}"))
            .trainDataset(TinyModel.data(4))
            .callbacks(
                List.of(
                    new TrainerCallback() {
                      @Override
                      public void onTrainBegin(
                          TrainingArguments args, TrainerState state, TrainerControl control) {
                        events.add("begin");
                      }
                    }))
            .build();
    assertThatThrownBy(trainer::train)
        .hasMessage("output_dir " + file + ": expected a directory, found a file");
    assertThat(events).isEmpty();
  }
}
