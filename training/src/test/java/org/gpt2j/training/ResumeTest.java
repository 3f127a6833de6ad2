package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gpt2j.io.JsonFile;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.testing.SeededWeights;
import org.gpt2j.training.callbacks.EarlyStoppingCallback;
import org.gpt2j.training.callbacks.TrainAccuracyCallback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A training that was stopped goes on to the very bytes of one that was not. */
class ResumeTest {
  private static final String STEPS =
      """
      {"max_steps": 14, "per_device_train_batch_size": 2, "gradient_accumulation_steps": 2,
       "learning_rate": 0.02, "logging_steps": 3, "eval_steps": 2, "save_total_limit": 2,
       "per_device_eval_batch_size": 4}""";

  @TempDir Path dir;

  private final List<TrainerCallback> callbacks = new ArrayList<>();

  private TrainingArguments args(String more, String name) {
    ObjectNode json = JsonFile.parse(STEPS);
    json.setAll(JsonFile.parse("{" + more + "}"));
    return TrainingArguments.fromJson(json.put("output_dir", dir.resolve(name).toString()));
  }

  /** A fresh adapter, dropout on: masks must come out the same, too. */
  private Trainer trainer(TrainingArguments args) throws IOException {
    return trainer(args, TinyModel.data(11));
  }

  private Trainer trainer(TrainingArguments args, TrainingData data) throws IOException {
    Gpt2Config config = TinyModel.classifierConfig().toBuilder().dropout(0.1).build();
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(config, new SeededWeights(3, 4));
    LoraModel lora =
        LoraModel.apply(
            model,
            LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS)
                .r(2)
                .loraAlpha(4)
                .loraDropout(0.1)
                .targetModules("c_attn")
                .build(),
            1);
    Trainer trainer =
        Trainer.builder(lora)
            .args(args)
            .trainDataset(data)
            .evalDataset(TinyModel.data(6))
            .tokenizer(TinyModel.tokenizer())
            .callbacks(callbacks)
            .build();
    trainer.addCallback(new TrainAccuracyCallback(trainer));
    return trainer;
  }

  /** Stops after a step, as Ctrl-C does. */
  private static TrainerCallback interruptAt(Trainer trainer, int step) {
    return new TrainerCallback() {
      @Override
      public void onStepBegin(TrainingArguments args, TrainerState state, TrainerControl control) {
        if (state.globalStep() == step - 1) {
          trainer.interrupt();
        }
      }
    };
  }

  private static List<Map<String, Double>> withoutSpeed(TrainerState state) {
    List<Map<String, Double>> rows = new ArrayList<>();
    for (Map<String, Double> row : state.logHistory()) {
      Map<String, Double> copy = new TreeMap<>(row);
      copy.keySet().removeIf(k -> k.endsWith("_runtime") || k.endsWith("_per_second"));
      rows.add(copy);
    }
    return rows;
  }

  private byte[] adapter(Trainer trainer, String name) throws IOException {
    trainer.saveModel(dir.resolve(name + "-model"));
    return Files.readAllBytes(dir.resolve(name + "-model").resolve(LoraModel.WEIGHTS_FILE));
  }

  /** Interrupted after every single step in turn: with each of the strategies. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\"logging_strategy\": \"epoch\", \"eval_strategy\": \"epoch\"",
        "\"eval_strategy\": \"epoch\", \"save_strategy\": \"steps\", \"save_steps\": 3,"
            + " \"load_best_model_at_end\": false, \"group_by_length\": true, \"data_seed\": 7",
        "\"save_strategy\": \"best\", \"metric_for_best_model\": \"accuracy\","
            + " \"label_smoothing_factor\": 0.1"
      })
  void goesOnAfterEveryStepAsWithoutABreak(String strategy) throws IOException {
    Trainer whole = trainer(args(strategy, "whole"));
    TrainerState expected = whole.train();
    byte[] bytes = adapter(whole, "whole");
    assertThat(expected.globalStep()).isEqualTo(14);
    for (int step = 1; step <= 14; step++) {
      String name = "broken" + step;
      Trainer first = trainer(args(strategy, name));
      first.addCallback(interruptAt(first, step));
      first.train();
      assertThat(first.isInterrupted()).isTrue();
      assertThat(first.state().globalStep()).isEqualTo(step);
      Trainer second = trainer(args(strategy, name));
      TrainerState state = second.train(dir.resolve(name));
      assertThat(withoutSpeed(state)).as(name).isEqualTo(withoutSpeed(expected));
      assertThat(state.bestMetric()).as(name).isEqualTo(expected.bestMetric());
      assertThat(state.bestGlobalStep()).as(name).isEqualTo(expected.bestGlobalStep());
      assertThat(adapter(second, name)).as(name).isEqualTo(bytes);
    }
  }

  @Test
  void anEarlyStopStaysOneAndItsCounterGoesOn() throws IOException {
    String strategy = "\"metric_for_best_model\": \"accuracy\", \"save_total_limit\": null";
    callbacks.add(new EarlyStoppingCallback(2, 2));
    Trainer whole = trainer(args(strategy, "whole"));
    TrainerState expected = whole.train();
    // A threshold of 2 is never passed: the first evaluation counts 0, two more end it.
    assertThat(expected.globalStep()).isEqualTo(6);
    for (int step : new int[] {2, 4, 6}) {
      callbacks.clear();
      callbacks.add(new EarlyStoppingCallback(2, 2));
      Trainer resumed = trainer(args(strategy, "whole"));
      TrainerState state = resumed.train(dir.resolve("whole/checkpoint-" + step));
      assertThat(withoutSpeed(state)).as("from " + step).isEqualTo(withoutSpeed(expected));
      assertThat(state.globalStep()).isEqualTo(6);
    }
  }

  @Test
  void aLongerPlanGoesOnFromTheEndOfAShorterOne() throws IOException {
    trainer(args("", "out")).train();
    Trainer longer = trainer(args("\"num_train_epochs\": 1", "out"));
    assertThat(longer.train(dir.resolve("out")).globalStep()).isEqualTo(14);
    TrainingArguments more =
        TrainingArguments.fromJson(args("", "out").toJson().put("max_steps", 16));
    assertThat(trainer(more).train(dir.resolve("out")).globalStep()).isEqualTo(16);
  }

  @Test
  void aDamagedCheckpointIsPassedOverAndTheOneBeforeUsed() throws IOException {
    String all = "\"save_total_limit\": null";
    Trainer whole = trainer(args(all, "out"));
    whole.train();
    byte[] bytes = adapter(whole, "out");
    Path newest = dir.resolve("out/checkpoint-14");
    Path weights = newest.resolve(LoraModel.WEIGHTS_FILE);
    byte[] damaged = Files.readAllBytes(weights);
    damaged[damaged.length - 1] ^= 1;
    Files.write(weights, damaged);

    assertThatThrownBy(() -> trainer(args(all, "out")).train(newest))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(weights + ": damaged: expected the SHA-256 ");

    Trainer resumed = trainer(args(all, "out"));
    List<Integer> begun = new ArrayList<>();
    resumed.addCallback(
        new TrainerCallback() {
          @Override
          public void onTrainBegin(
              TrainingArguments args, TrainerState state, TrainerControl control) {
            begun.add(state.globalStep());
          }
        });
    resumed.train(dir.resolve("out"));
    assertThat(begun).containsExactly(12);
    assertThat(adapter(resumed, "again")).isEqualTo(bytes);
  }

  /** Beside a longer one of before, in a copy without times. */
  @Test
  void aShorterTrainingGoesOnFromItsOwnNewest() throws IOException {
    trainer(args("\"save_total_limit\": null", "out")).train();
    String shorter = "\"max_steps\": 8, \"learning_rate\": 0.03";
    Trainer whole = trainer(args(shorter, "whole"));
    whole.train();
    Trainer broken = trainer(args(shorter, "out"));
    broken.addCallback(interruptAt(broken, 5));
    broken.train();
    try (Stream<Path> all = Files.list(dir.resolve("out"))) {
      for (Path checkpoint : all.toList()) {
        Files.setLastModifiedTime(checkpoint, FileTime.fromMillis(checkpoint.hashCode()));
      }
    }
    Trainer resumed = trainer(args(shorter, "out"));
    List<Integer> begun = new ArrayList<>();
    resumed.addCallback(
        new TrainerCallback() {
          @Override
          public void onTrainBegin(
              TrainingArguments args, TrainerState state, TrainerControl control) {
            begun.add(state.globalStep());
          }
        });
    resumed.train(dir.resolve("out"));
    assertThat(begun).containsExactly(5);
    assertThat(adapter(resumed, "out")).isEqualTo(adapter(whole, "whole"));
    // The newest and the best of two, and what the first training left.
    assertThat(dir.resolve("out/checkpoint-8")).isDirectory();
    assertThat(dir.resolve("out/checkpoint-14")).isDirectory();
  }

  @Test
  void aTrainingIsCompleteUntilAnotherSavesACheckpoint() throws IOException {
    TrainingArguments args = args("", "out");
    assertThat(Trainer.isComplete(args)).isFalse();
    Trainer first = trainer(args);
    first.train();
    assertThat(Trainer.isComplete(args)).isFalse();
    first.saveState();
    assertThat(Trainer.isComplete(args)).isTrue();
    assertThat(Trainer.isComplete(args("\"max_steps\": 15", "out"))).isFalse();
    Trainer second = trainer(args);
    second.addCallback(interruptAt(second, 3));
    second.train();
    Files.setLastModifiedTime(dir.resolve("out/checkpoint-3"), FileTime.fromMillis(0));
    assertThat(Trainer.isComplete(args)).isFalse();
  }

  @Test
  void aPathWithDotsIsTheSameDirectory() throws IOException {
    Trainer whole = trainer(args("", "whole"));
    whole.train();
    Trainer dotted = trainer(args("", "a/./../dotted"));
    dotted.addCallback(interruptAt(dotted, 5));
    Files.createDirectories(dir.resolve("a"));
    dotted.train();
    Trainer resumed = trainer(args("", "a/./../dotted"));
    TrainerState state = resumed.train(dir.resolve("a/../dotted"));
    assertThat(adapter(resumed, "dotted")).isEqualTo(adapter(whole, "whole"));
    assertThat(state.bestModelCheckpoint()).isDirectory();
  }

  @Test
  void goesOnInAnotherDirectoryWithTheBestOfTheFirst() throws IOException {
    // The lowest eval_loss is not always the last: the best stays where it is.
    String worst = "\"greater_is_better\": true, \"save_total_limit\": null";
    Trainer whole = trainer(args(worst, "whole"));
    TrainerState expected = whole.train();
    byte[] bytes = adapter(whole, "whole");
    Trainer stranger = trainer(args(worst + ", \"seed\": 5", "elsewhere"));
    stranger.train();
    Path from = dir.resolve("whole/checkpoint-12");
    Trainer resumed = trainer(args(worst, "elsewhere"));
    TrainerState state = resumed.train(from);
    assertThat(expected.bestGlobalStep()).isLessThan(12);
    assertThat(state.bestModelCheckpoint())
        .isEqualTo(dir.resolve("whole/checkpoint-" + expected.bestGlobalStep()));
    assertThat(adapter(resumed, "elsewhere")).isEqualTo(bytes);
    assertThat(dir.resolve("elsewhere/checkpoint-2")).isDirectory();
  }

  @Test
  void aLostBestIsLookedForAnew() throws IOException {
    String worst = "\"greater_is_better\": true, \"save_total_limit\": null";
    TrainerState first = trainer(args(worst, "out")).train();
    int best = first.bestGlobalStep();
    assertThat(best).isLessThan(12);
    Files.delete(dir.resolve("out/checkpoint-" + best).resolve(LoraModel.WEIGHTS_FILE));
    TrainerState state = trainer(args(worst, "out")).train(dir.resolve("out/checkpoint-12"));
    assertThat(state.bestGlobalStep()).isEqualTo(14);
  }

  /** Changes trainer_state.json as somebody with an editor does who knows of checksums. */
  private void edit(Path checkpoint, UnaryOperator<ObjectNode> change) throws IOException {
    Path file = checkpoint.resolve(TrainerState.FILE_NAME);
    JsonFile.write(file, change.apply(JsonFile.read(file)));
    Files.delete(checkpoint.resolve(Checksums.FILE_NAME));
    Checksums.write(checkpoint);
  }

  /** As transformers wrote it before it had the key. */
  @Test
  void theBestIsFoundByItsNameWhereItsStepIsMissing() throws IOException {
    String worst = "\"greater_is_better\": true, \"save_total_limit\": null";
    Trainer whole = trainer(args(worst, "out"));
    TrainerState expected = whole.train();
    byte[] bytes = adapter(whole, "whole");
    edit(dir.resolve("out/checkpoint-12"), json -> json.putNull("best_global_step"));
    Trainer resumed = trainer(args(worst, "out"));
    TrainerState state = resumed.train(dir.resolve("out/checkpoint-12"));
    assertThat(state.bestGlobalStep()).isEqualTo(expected.bestGlobalStep()).isLessThan(12);
    assertThat(state.bestModelCheckpoint()).isEqualTo(expected.bestModelCheckpoint());
    assertThat(adapter(resumed, "resumed")).isEqualTo(bytes);
  }

  @Test
  void aBestWithoutMetricOrStepIsLookedForAnew() throws IOException {
    String worst = "\"greater_is_better\": true, \"save_total_limit\": null";
    trainer(args(worst, "out")).train();
    Path from = dir.resolve("out/checkpoint-12");
    edit(from, json -> json.putNull("best_metric"));
    assertThat(trainer(args(worst, "out")).train(from).bestGlobalStep()).isEqualTo(14);
    edit(from, json -> json.putNull("best_global_step").put("best_model_checkpoint", "mine"));
    assertThat(trainer(args(worst, "out")).train(from).bestGlobalStep()).isEqualTo(14);
  }

  @Test
  void aStateThatCannotBeIsRefusedByItsKey() throws IOException {
    trainer(args("", "out")).train();
    Path from = dir.resolve("out/checkpoint-14");
    edit(from, json -> json.put("best_global_step", "eight"));
    assertThatThrownBy(() -> trainer(args("", "out")).train(from))
        .isInstanceOf(IOException.class)
        .hasMessage(
            from.resolve(TrainerState.FILE_NAME)
                + ": best_global_step: expected null or an integer, found \"eight\"");
  }

  @Test
  void refusesOtherDataAndOtherLosses() throws IOException {
    trainer(args("", "out")).train();
    Path out = dir.resolve("out");
    Trainer smoothed = trainer(args("\"label_smoothing_factor\": 0.2", "out"));
    assertThatThrownBy(() -> smoothed.train(out))
        .isInstanceOf(IOException.class)
        .hasMessage(
            out.resolve("checkpoint-14")
                + ": cannot go on from it: expected the loss that it was trained with"
                + " (label_smoothing 0.0, class_weights null), found label_smoothing 0.2,"
                + " class_weights null");
    Trainer other = trainer(args("", "out"), TinyModel.data(12));
    assertThatThrownBy(() -> other.train(out))
        .hasMessageContaining(
            "expected the train_examples that it was trained with (11), found 12");
    int[] labels = new int[11];
    ClassificationData data = TinyModel.data(11);
    Trainer relabelled =
        trainer(
            args("", "out"),
            new ClassificationData(
                IntStream.range(0, 11).mapToObj(data::inputIds).toList(), labels));
    assertThatThrownBy(() -> relabelled.train(out))
        .hasMessageContaining("expected the train_data that it was trained with (");
  }

  /** Files of which each is whole, but not of one moment. */
  @Test
  void refusesPartsOfTwoCheckpoints() throws IOException {
    trainer(args("\"save_total_limit\": null", "out")).train();
    Path later = dir.resolve("out/checkpoint-6");
    String name = "optimizer.safetensors";
    Files.copy(
        dir.resolve("out/checkpoint-4").resolve(name),
        later.resolve(name),
        StandardCopyOption.REPLACE_EXISTING);
    Files.delete(later.resolve(Checksums.FILE_NAME));
    Checksums.write(later);
    assertThatThrownBy(() -> trainer(args("", "out")).train(later))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(later + ": its files do not belong together: step ");
  }

  @Test
  void refusesWhatItCannotGoOnFrom() throws IOException {
    Path none = dir.resolve("none");
    assertThatThrownBy(() -> trainer(args("", "out")).train(none))
        .hasMessage(none + ": expected a directory with checkpoints to resume from, found none");
    Files.createDirectories(none);
    assertThatThrownBy(() -> trainer(args("", "out")).train(none))
        .hasMessage(none + ": expected a whole checkpoint-STEP to resume from, found none");
    Files.createDirectories(none.resolve("checkpoint-3"));
    assertThatThrownBy(() -> trainer(args("", "out")).train(none))
        .hasMessageContaining("found only damaged ones: [" + none.resolve("checkpoint-3") + "]");
    trainer(args("", "out")).train();
    Trainer other =
        Trainer.builder(TinyModel.classifier())
            .args(args("", "out"))
            .trainDataset(TinyModel.data(11))
            .build();
    assertThatThrownBy(() -> other.train(dir.resolve("out")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(": cannot go on from it: expected the frozen_weights");
  }
}
