package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.JsonFile;
import org.gpt2j.training.report.EventFileReader;
import org.gpt2j.training.report.TensorBoardCallback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In this package because only it makes states. */
class TensorBoardCallbackTest {
  @TempDir private Path dir;

  private final TrainingArguments args = TrainingArguments.defaults();
  private final TrainerState state = new TrainerState(args);
  private final TrainerControl control = new TrainerControl();

  private void step() {
    state.step(state.globalStep() * 0.5 + 0.5, 100, 1);
  }

  private void log(TensorBoardCallback callback, Map<String, Double> values) throws IOException {
    callback.onLog(args, state, control, state.log(values));
  }

  @Test
  void rowsBecomeTheCurvesOfTransformers() throws IOException {
    TensorBoardCallback callback = new TensorBoardCallback(dir);
    callback.onTrainBegin(args, state, control);
    step();
    log(callback, Map.of("loss", 0.5, "learning_rate", 0.25));
    log(callback, Map.of("eval_loss", 0.75, "train_accuracy", 1.0));
    log(callback, Map.of("test_accuracy", 0.125));
    callback.onTrainEnd(args, state, control);

    List<String> lines = EventFileReader.lines(dir);
    assertThat(lines.subList(1, 3))
        .containsExactly("0 START", "0 args/text_summary " + JsonFile.text(args.toJson()));
    assertThat(lines.subList(3, lines.size()))
        .containsExactlyInAnyOrder(
            "1 train/loss 0.5",
            "1 train/learning_rate 0.25",
            "1 train/epoch 0.5",
            "1 eval/loss 0.75",
            "1 train/train_accuracy 1.0",
            "1 train/epoch 0.5",
            "1 test/accuracy 0.125",
            "1 train/epoch 0.5");
  }

  @Test
  void aKilledRunKeepsItsRowsAndTheResumedOneHidesThoseAfterItsCheckpoint() throws IOException {
    TensorBoardCallback killed = new TensorBoardCallback(dir);
    killed.onTrainBegin(args, state, control);
    step();
    step();
    log(killed, Map.of("loss", 0.5));
    assertThat(EventFileReader.lines(dir)).contains("2 train/loss 0.5");

    Path resumedDir = dir.resolve("resumed");
    TensorBoardCallback resumed = new TensorBoardCallback(resumedDir);
    resumed.onTrainBegin(args, state, control);
    // The rows of step 2 are in the checkpoint of step 2: those from 3 on are hidden.
    assertThat(EventFileReader.lines(resumedDir)).contains("3 START");
    resumed.onTrainEnd(args, state, control);
    killed.onTrainEnd(args, state, control);
  }

  @Test
  void anEvaluationAfterTheTrainingIsAddedInAFileOfItsOwn() throws IOException {
    TensorBoardCallback callback = new TensorBoardCallback(dir);
    callback.onTrainBegin(args, state, control);
    step();
    callback.onTrainEnd(args, state, control);
    List<Path> before = EventFileReader.files(dir);
    log(callback, Map.of("eval_loss", 0.5));

    List<String> added = new ArrayList<>();
    for (Path file : EventFileReader.files(dir)) {
      if (!before.contains(file)) {
        EventFileReader.read(file).forEach(event -> added.add(event.line()));
      }
    }
    assertThat(added).contains("1 eval/loss 0.5").noneMatch(line -> line.endsWith("START"));
    callback.onTrainEnd(args, state, control);
  }
}
