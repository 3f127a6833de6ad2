package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Parameter;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private static final String[] TRAIN_KEYS = {
    "epoch", "grad_norm", "learning_rate", "loss", "step"
  };
  private static final String[] EVAL_KEYS = {
    "epoch",
    "eval_accuracy",
    "eval_f1",
    "eval_loss",
    "eval_mcc",
    "eval_precision",
    "eval_recall",
    "eval_roc_auc",
    "eval_runtime",
    "eval_samples_per_second",
    "eval_steps_per_second",
    "step"
  };
  private static final String[] FINAL_KEYS = {
    "epoch",
    "step",
    "total_flos",
    "train_loss",
    "train_runtime",
    "train_samples_per_second",
    "train_steps_per_second"
  };

  @TempDir Path output;

  private final ClassificationData data = TinyModel.data(10);

  /** Batches of 4, constant learning rate 0.01, a row a step; the rest as given. */
  private static TrainingArguments arguments(String json) {
    ObjectNode all =
        JsonFile.parse(
            """
            {"per_device_train_batch_size": 4, "lr_scheduler_type": "constant",
             "learning_rate": 0.01, "logging_steps": 1}""");
    all.setAll(JsonFile.parse(json));
    return TrainingArguments.fromJson(all);
  }

  private Trainer trainer(Gpt2PreTrainedModel model, TrainingArguments args, TrainingData eval) {
    return new Trainer(model, args, data, eval, model::savePretrained, output, List.of());
  }

  /** Labels turned around: the better the training goes, the higher this data's loss. */
  private ClassificationData opposite() {
    List<int[]> ids = IntStream.range(0, data.size()).mapToObj(data::inputIds).toList();
    int[] labels = IntStream.range(0, data.size()).map(i -> 1 - data.label(i)).toArray();
    return new ClassificationData(ids, labels);
  }

  @Test
  void logsTheRowsOfTransformers() throws IOException {
    TrainerState state =
        trainer(
                TinyModel.classifier(),
                arguments("{\"max_steps\": 7, \"logging_steps\": 3, \"eval_steps\": 5}"),
                data)
            .train();
    List<Map<String, Double>> rows = state.logHistory();
    int[] steps = rows.stream().mapToInt(r -> r.get("step").intValue()).toArray();
    assertThat(steps).containsExactly(3, 5, 6, 7, 7, 7);
    for (int i : new int[] {0, 2, 3}) {
      assertThat(rows.get(i)).containsOnlyKeys(TRAIN_KEYS);
    }
    for (int i : new int[] {1, 4}) {
      assertThat(rows.get(i)).containsOnlyKeys(EVAL_KEYS);
    }
    assertThat(rows.get(5)).containsOnlyKeys(FINAL_KEYS);
    // 10 examples in batches of 4: 3 steps an epoch.
    rows.forEach(r -> assertThat(r.get("epoch")).isCloseTo(r.get("step") / 3, within(1e-12)));
    double sum =
        3 * rows.get(0).get("loss") + 3 * rows.get(2).get("loss") + rows.get(3).get("loss");
    assertThat(rows.get(5).get("train_loss")).isCloseTo(sum / 7, within(1e-9));
  }

  @Test
  void lossOfARowIsTheMeanSinceTheRowBefore() throws IOException {
    List<Map<String, Double>> each =
        trainer(TinyModel.classifier(), arguments("{\"max_steps\": 5}"), null).train().logHistory();
    List<Map<String, Double>> pairs =
        trainer(TinyModel.classifier(), arguments("{\"max_steps\": 5, \"logging_steps\": 2}"), null)
            .train()
            .logHistory();
    for (int i = 0; i < 2; i++) {
      double mean = (each.get(2 * i).get("loss") + each.get(2 * i + 1).get("loss")) / 2;
      assertThat(pairs.get(i).get("loss")).isCloseTo(mean, within(1e-9));
      assertThat(pairs.get(i).get("grad_norm")).isEqualTo(each.get(2 * i + 1).get("grad_norm"));
    }
    assertThat(pairs.get(2).get("loss")).isEqualTo(each.get(4).get("loss"));
  }

  @Test
  void totalFlosCountsTokensAndWeights() throws IOException {
    Gpt2ForSequenceClassification model = TinyModel.classifier();
    TrainerState state = trainer(model, arguments("{\"num_train_epochs\": 2}"), null).train();
    long tokens = 2L * IntStream.range(0, 10).map(i -> data.inputIds(i).length).sum();
    long embeddings = (model.config().vocabSize() + 32L) * 16;
    long weights = model.parameters().stream().mapToLong(p -> p.value().length()).sum();
    Map<String, Double> last = state.logHistory().get(state.logHistory().size() - 1);
    assertThat(last.get("total_flos")).isEqualTo(6.0 * tokens * (weights - embeddings));
  }

  @Test
  void bestWeightsAreRestoredAtTheEndAndOnDisk() throws IOException {
    Gpt2ForSequenceClassification model = TinyModel.classifier();
    Trainer trainer =
        trainer(model, arguments("{\"max_steps\": 12, \"eval_steps\": 2}"), opposite());
    TrainerState state = trainer.train();
    double[] losses =
        state.logHistory().stream()
            .filter(r -> r.containsKey("eval_loss"))
            .mapToDouble(r -> r.get("eval_loss"))
            .toArray();
    double lowest = Arrays.stream(losses).min().getAsDouble();
    assertThat(losses).hasSize(6);
    assertThat(losses[5]).as("the last evaluation is not the best").isGreaterThan(2 * lowest);
    int best = state.bestGlobalStep();
    assertThat(losses[best / 2 - 1]).isEqualTo(lowest).isEqualTo(state.bestMetric());
    assertThat(trainer.evaluate(opposite(), "")).containsEntry("loss", lowest);

    Path checkpoint = output.resolve("checkpoint-" + best);
    try (Stream<Path> files = Files.list(output)) {
      assertThat(files).containsExactly(checkpoint);
    }
    Gpt2ForSequenceClassification stored =
        Gpt2ForSequenceClassification.fromPretrained(checkpoint, 0);
    for (int i = 0; i < model.parameters().size(); i++) {
      Parameter p = model.parameters().get(i);
      assertThat(Fixture.floats(stored.parameters().get(i).value()))
          .as(p.name())
          .isEqualTo(Fixture.floats(p.value()));
    }
    JsonNode written = JsonFile.read(checkpoint.resolve(TrainerState.FILE_NAME));
    assertThat(written.get("best_model_checkpoint").textValue()).isEqualTo(checkpoint.toString());
    assertThat(written.get("global_step").intValue()).isEqualTo(best);
  }

  @Test
  void lastWeightsStayIfAskedFor() throws IOException {
    Trainer trainer =
        trainer(
            TinyModel.classifier(),
            arguments("{\"max_steps\": 12, \"eval_steps\": 2, \"load_best_model_at_end\": false}"),
            opposite());
    TrainerState state = trainer.train();
    List<Map<String, Double>> rows = state.logHistory();
    double last = rows.get(rows.size() - 2).get("eval_loss");
    assertThat(state.bestGlobalStep()).isLessThan(12);
    assertThat(trainer.evaluate(opposite(), "").get("loss"))
        .isEqualTo(last)
        .isGreaterThan(state.bestMetric());
  }

  @Test
  void withoutEvaluationTheLastWeightsAreTheResult() throws IOException {
    for (TrainingData eval : new TrainingData[] {null, data}) {
      Gpt2ForSequenceClassification model = TinyModel.classifier();
      String args = eval == null ? "{\"max_steps\": 2}" : "{\"max_steps\": 2, \"eval_steps\": 0}";
      TrainerState state = trainer(model, arguments(args), eval).train();
      assertThat(state.logHistory()).hasSize(3).noneMatch(r -> r.containsKey("eval_loss"));
      assertThat(state.bestMetric()).isNull();
      assertThat(state.bestGlobalStep()).isNull();
      assertThat(output).isEmptyDirectory();
      assertThat(Fixture.floats(model.score().value()))
          .isNotEqualTo(Fixture.floats(TinyModel.classifier().score().value()));
    }
  }

  @Test
  void withoutASaverNothingIsWritten() throws IOException {
    TrainerState state =
        new Trainer(
                TinyModel.classifier(),
                arguments("{\"max_steps\": 2, \"eval_steps\": 1}"),
                data,
                data,
                null,
                output,
                List.of())
            .train();
    assertThat(state.bestMetric()).isNotNull();
    assertThat(state.toJson().get("best_model_checkpoint").isNull()).isTrue();
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void aLossThatIsNoNumberEndsTheTraining() throws IOException {
    Trainer trainer =
        trainer(
            TinyModel.classifier(), arguments("{\"max_steps\": 9, \"learning_rate\": 1e30}"), null);
    assertThatThrownBy(trainer::train)
        .isInstanceOf(ArithmeticException.class)
        .hasMessageMatching(
            "step 2: expected a finite loss and gradient, found loss \\S+, norm \\S+; a lower"
                + " learning_rate may help");
  }

  @Test
  void lastWeightsThatAreNoNumbersEndTheTraining() throws IOException {
    Trainer trainer =
        trainer(
            TinyModel.classifier(),
            arguments("{\"max_steps\": 1, \"learning_rate\": 1e38, \"warmup_ratio\": 0}"),
            null);
    assertThatThrownBy(trainer::train)
        .isInstanceOf(ArithmeticException.class)
        .hasMessageStartingWith("step 1: expected finite weights, found ");
  }

  @Test
  void batchesMayBeLargerThanTheData() throws IOException {
    TrainerState state =
        trainer(
                TinyModel.classifier(),
                arguments(
                    "{\"num_train_epochs\": 2, \"per_device_train_batch_size\": 2147483647,"
                        + " \"per_device_eval_batch_size\": 2147483647,"
                        + " \"gradient_accumulation_steps\": 2147483647}"),
                data)
            .train();
    assertThat(state.globalStep()).isEqualTo(2);
    assertThat(state.epoch()).isEqualTo(2);
  }

  @Test
  void anEvaluationThatIsNoNumberIsNeverTheBest() throws IOException {
    Trainer trainer =
        trainer(
            TinyModel.classifier(),
            arguments("{\"max_steps\": 1, \"eval_steps\": 1, \"learning_rate\": 1e30}"),
            data);
    assertThatThrownBy(trainer::train)
        .isInstanceOf(ArithmeticException.class)
        .hasMessageMatching(
            "step 1: expected a finite eval_loss, found (NaN|Infinity); a lower learning_rate may"
                + " help");
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void stateFileHasTransformersKeys() throws IOException {
    TrainerState state =
        trainer(
                TinyModel.classifier(),
                arguments("{\"num_train_epochs\": 1.5, \"eval_steps\": 2}"),
                data)
            .train();
    state.save(output);
    Path file = output.resolve("trainer_state.json");
    ObjectNode json = JsonFile.read(file);
    List<String> keys = new ArrayList<>();
    json.fieldNames().forEachRemaining(keys::add);
    assertThat(keys)
        .containsExactly(
            "best_global_step",
            "best_metric",
            "best_model_checkpoint",
            "epoch",
            "eval_steps",
            "global_step",
            "log_history",
            "logging_steps",
            "max_steps",
            "num_train_epochs",
            "train_batch_size");
    // 1.5 epochs of 3 steps, rounded up.
    assertThat(json.get("max_steps").intValue()).isEqualTo(5);
    assertThat(json.get("global_step").intValue()).isEqualTo(5);
    assertThat(json.get("epoch").doubleValue()).isCloseTo(5 / 3.0, within(1e-12));
    assertThat(json.get("num_train_epochs").intValue()).isEqualTo(2);
    assertThat(json.get("eval_steps").intValue()).isEqualTo(2);
    assertThat(json.get("logging_steps").intValue()).isEqualTo(1);
    assertThat(json.get("train_batch_size").intValue()).isEqualTo(4);
    assertThat(json.get("best_metric").doubleValue()).isEqualTo(state.bestMetric());
    assertThat(json.get("best_global_step").intValue()).isEqualTo(state.bestGlobalStep());
    assertThat(json.get("best_model_checkpoint").textValue())
        .isEqualTo(output.resolve("checkpoint-" + state.bestGlobalStep()).toString());
    assertThat(json.get("log_history").size()).isEqualTo(state.logHistory().size());
    JsonNode row = json.get("log_history").get(0);
    assertThat(row.get("step").isInt()).isTrue();
    assertThat(row.get("loss").doubleValue()).isEqualTo(state.logHistory().get(0).get("loss"));
    assertThat(Files.readString(file)).startsWith("{\n  \"best_global_step\": ");
  }

  @Test
  void aShortLastBatchAndAccumulationMakeAStep() throws IOException {
    TrainerState state =
        trainer(
                TinyModel.classifier(),
                arguments("{\"num_train_epochs\": 2, \"gradient_accumulation_steps\": 2}"),
                null)
            .train();
    // 3 batches an epoch, two by two.
    assertThat(state.maxSteps()).isEqualTo(4);
    assertThat(state.epoch()).isEqualTo(2);
  }

  @Test
  void tellsItsCallbacks() throws IOException {
    List<String> events = new ArrayList<>();
    int[] tokens = {0};
    TrainerCallback callback =
        new TrainerCallback() {
          @Override
          public void onTrainBegin(TrainerState state) {
            events.add("begin of " + state.maxSteps());
          }

          @Override
          public void onStepEnd(TrainerState state, int stepTokens) {
            events.add("step " + state.globalStep());
            tokens[0] += stepTokens;
          }

          @Override
          public void onLog(TrainerState state, Map<String, Double> logs) {
            events.add("log " + (logs.containsKey("train_loss") ? "end" : logs.get("step")));
          }

          @Override
          public void onTrainEnd(TrainerState state) {
            events.add("end");
          }
        };
    new Trainer(
            TinyModel.classifier(),
            arguments("{\"num_train_epochs\": 1, \"logging_steps\": 2}"),
            data,
            null,
            null,
            output,
            List.of(callback))
        .train();
    assertThat(events)
        .containsExactly(
            "begin of 3", "step 1", "step 2", "log 2.0", "step 3", "log 3.0", "log end", "end");
    assertThat(tokens[0]).isEqualTo(IntStream.range(0, 10).map(i -> data.inputIds(i).length).sum());
  }

  @Test
  void evaluatesALanguageModelByItsLossPerToken() throws IOException {
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(TinyModel.config(), new SeededWeights(3, 4));
    int[] tokens = IntStream.range(0, 50).map(i -> 1 + i * 7 % 250).toArray();
    LanguageModelData blocks = new LanguageModelData(tokens, 16);
    assertThat(blocks.size()).isEqualTo(3);
    assertThat(blocks.inputIds(2)).isEqualTo(Arrays.copyOfRange(tokens, 32, 48));
    Trainer trainer = new Trainer(model, arguments("{}"), blocks, blocks, null, output, List.of());
    Map<String, Double> metrics = trainer.evaluate(blocks, "eval_");
    assertThat(metrics)
        .containsOnlyKeys(
            "eval_loss", "eval_runtime", "eval_samples_per_second", "eval_steps_per_second");
    double mean = 0;
    for (int i = 0; i < 3; i++) {
      var batch = blocks.batch(new int[] {i});
      mean += model.loss(batch, blocks.labels(batch, new int[] {i})) / 3;
    }
    assertThat(metrics.get("eval_loss")).isCloseTo(mean, within(1e-5));
  }

  @Test
  void refusesDataItCannotTrainOn() throws IOException {
    Gpt2ForSequenceClassification model = TinyModel.classifier();
    ClassificationData none = new ClassificationData(List.of(), new int[0]);
    assertThatThrownBy(
            () -> new Trainer(model, arguments("{}"), none, null, null, output, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("train_dataset: expected at least one example, found none");
    ClassificationData foreign =
        new ClassificationData(List.of(new int[] {1, 2}, new int[] {3, 999}), new int[] {0, 1});
    String problem =
        "_dataset: expected token ids below the model's vocab_size "
            + model.config().vocabSize()
            + ", found 999 in example 1: is the tokenizer that of the model?";
    assertThatThrownBy(
            () -> new Trainer(model, arguments("{}"), foreign, null, null, output, List.of()))
        .hasMessage("train" + problem);
    assertThatThrownBy(() -> trainer(model, arguments("{}"), foreign)).hasMessage("eval" + problem);
    assertThatThrownBy(() -> new LanguageModelData(new int[15], 16))
        .hasMessage("text: expected at least one block of 16 tokens, found 15 tokens");
    assertThatThrownBy(() -> new ClassificationData(List.of(new int[] {1}), new int[2]))
        .hasMessage("labels: expected one for each of 1 texts, found 2");
  }
}
