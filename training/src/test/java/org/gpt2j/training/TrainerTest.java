package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.Gpt2PreTrainedModel;
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

  private Trainer trainer(Gpt2PreTrainedModel model, String args, TrainingData eval) {
    return Trainer.builder(model)
        .args(TinyModel.arguments(output, args))
        .trainDataset(data)
        .evalDataset(eval)
        .build();
  }

  @Test
  void logsTheRowsOfTransformers() throws IOException {
    List<Map<String, Double>> rows =
        trainer(
                TinyModel.classifier(),
                "{\"max_steps\": 7, \"logging_steps\": 3, \"eval_steps\": 5}",
                data)
            .train()
            .logHistory();
    int[] steps = rows.stream().mapToInt(r -> r.get("step").intValue()).toArray();
    // The last step is evaluated, but no row of the loss is due.
    assertThat(steps).containsExactly(3, 5, 6, 7, 7);
    assertThat(rows.get(0)).containsOnlyKeys(TRAIN_KEYS);
    assertThat(rows.get(1)).containsOnlyKeys(EVAL_KEYS);
    assertThat(rows.get(2)).containsOnlyKeys(TRAIN_KEYS);
    assertThat(rows.get(3)).containsOnlyKeys(EVAL_KEYS);
    assertThat(rows.get(4)).containsOnlyKeys(FINAL_KEYS);
    // 10 examples in batches of 4: 3 steps an epoch.
    rows.forEach(r -> assertThat(r.get("epoch")).isCloseTo(r.get("step") / 3, within(1e-12)));
    List<Map<String, Double>> each =
        trainer(TinyModel.classifier(), "{\"max_steps\": 7}", null).train().logHistory();
    double mean = each.subList(0, 7).stream().mapToDouble(r -> r.get("loss")).sum() / 7;
    assertThat(rows.get(4).get("train_loss")).isCloseTo(mean, within(1e-9));
  }

  @Test
  void lossOfARowIsTheMeanSinceTheRowBefore() throws IOException {
    List<Map<String, Double>> each =
        trainer(TinyModel.classifier(), "{\"max_steps\": 5}", null).train().logHistory();
    List<Map<String, Double>> pairs =
        trainer(TinyModel.classifier(), "{\"max_steps\": 5, \"logging_steps\": 2}", null)
            .train()
            .logHistory();
    assertThat(pairs).hasSize(3);
    for (int i = 0; i < 2; i++) {
      double mean = (each.get(2 * i).get("loss") + each.get(2 * i + 1).get("loss")) / 2;
      assertThat(pairs.get(i).get("loss")).isCloseTo(mean, within(1e-9));
      assertThat(pairs.get(i).get("grad_norm")).isEqualTo(each.get(2 * i + 1).get("grad_norm"));
    }
  }

  @Test
  void theFirstStepIsLoggedIfAskedFor() throws IOException {
    List<Map<String, Double>> rows =
        trainer(
                TinyModel.classifier(),
                "{\"max_steps\": 5, \"logging_steps\": 4, \"logging_first_step\": true}",
                null)
            .train()
            .logHistory();
    assertThat(rows.stream().mapToInt(r -> r.get("step").intValue())).containsExactly(1, 4, 5);
  }

  @Test
  void totalFlosCountsTokensAndWeights() throws IOException {
    Gpt2ForSequenceClassification model = TinyModel.classifier();
    TrainerState state = trainer(model, "{\"num_train_epochs\": 2}", null).train();
    long tokens = 2L * IntStream.range(0, 10).map(i -> data.inputIds(i).length).sum();
    long embeddings = (model.config().vocabSize() + 32L) * 16;
    long weights = model.parameters().stream().mapToLong(p -> p.value().length()).sum();
    Map<String, Double> last = state.logHistory().get(state.logHistory().size() - 1);
    assertThat(last.get("total_flos")).isEqualTo(6.0 * tokens * (weights - embeddings));
    assertThat(state.numInputTokensSeen()).isEqualTo(tokens);
  }

  @Test
  void aLossThatIsNoNumberEndsTheTraining() throws IOException {
    Trainer trainer =
        trainer(TinyModel.classifier(), "{\"max_steps\": 9, \"learning_rate\": 1e30}", null);
    assertThatThrownBy(trainer::train)
        .isInstanceOf(ArithmeticException.class)
        .hasMessageMatching(
            "step 2: expected a finite loss and gradient, found loss \\S+, norm \\S+; a lower"
                + " learning_rate may help");
  }

  @Test
  void weightsThatAreNoNumbersFromTheStartAreNamed() throws IOException {
    Gpt2ForSequenceClassification model = TinyModel.classifier();
    model.score().value().putScalar(0, Float.POSITIVE_INFINITY);
    assertThatThrownBy(trainer(model, "{\"max_steps\": 1}", null)::train)
        .isInstanceOf(ArithmeticException.class)
        .hasMessage(
            "score.weight: expected finite weights to train from, found others: is the model's"
                + " file damaged?");
  }

  @Test
  void weightsThatAreNoNumbersEndTheTrainingAndAreNotSaved() throws IOException {
    for (String saves : List.of("steps", "no")) {
      Trainer trainer =
          trainer(
              TinyModel.classifier(),
              "{\"max_steps\": 1, \"learning_rate\": 1e38, \"warmup_ratio\": 0,"
                  + " \"eval_strategy\": \"no\", \"save_strategy\": \""
                  + saves
                  + "\"}",
              null);
      assertThatThrownBy(trainer::train)
          .isInstanceOf(ArithmeticException.class)
          .hasMessageStartingWith("step 1: expected finite weights, found ");
      assertThat(output).isEmptyDirectory();
    }
  }

  @Test
  void batchesMayBeLargerThanTheData() throws IOException {
    TrainerState state =
        trainer(
                TinyModel.classifier(),
                "{\"num_train_epochs\": 2, \"per_device_train_batch_size\": 2147483647,"
                    + " \"per_device_eval_batch_size\": 2147483647,"
                    + " \"gradient_accumulation_steps\": 2147483647}",
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
            "{\"max_steps\": 1, \"eval_steps\": 1, \"learning_rate\": 1e30}",
            data);
    assertThatThrownBy(trainer::train)
        .isInstanceOf(ArithmeticException.class)
        .hasMessageMatching(
            "step 1: expected a finite eval_loss, found (NaN|Infinity); a lower learning_rate may"
                + " help");
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void aShortLastBatchAndAccumulationMakeAStep() throws IOException {
    TrainerState state =
        trainer(
                TinyModel.classifier(),
                "{\"num_train_epochs\": 2, \"gradient_accumulation_steps\": 2}",
                null)
            .train();
    // 3 batches an epoch, two by two; the epoch counts batches.
    assertThat(state.maxSteps()).isEqualTo(4);
    assertThat(state.epoch()).isEqualTo(2);
    assertThat(state.logHistory().subList(0, 4).stream().map(r -> r.get("epoch")))
        .containsExactly(2 / 3.0, 1.0, 1 + 2 / 3.0, 2.0);
  }

  @Test
  void tellsItsCallbacks() throws IOException {
    List<String> events = new ArrayList<>();
    TrainerCallback callback =
        new TrainerCallback() {
          @Override
          public void onTrainBegin(
              TrainingArguments args, TrainerState state, TrainerControl control) {
            events.add("begin of " + state.maxSteps());
          }

          @Override
          public void onStepEnd(
              TrainingArguments args, TrainerState state, TrainerControl control) {
            events.add("step " + state.globalStep());
          }

          @Override
          public void onSave(TrainingArguments args, TrainerState state, TrainerControl control) {
            events.add("save " + Files.isDirectory(output.resolve("checkpoint-3")));
          }

          @Override
          public void onLog(
              TrainingArguments args,
              TrainerState state,
              TrainerControl control,
              Map<String, Double> logs) {
            events.add("log " + (logs.containsKey("train_loss") ? "end" : logs.get("step")));
          }

          @Override
          public void onTrainEnd(
              TrainingArguments args, TrainerState state, TrainerControl control) {
            events.add("end");
          }
        };
    Trainer trainer =
        trainer(TinyModel.classifier(), "{\"num_train_epochs\": 1, \"logging_steps\": 2}", null);
    trainer.addCallback(callback);
    trainer.train();
    assertThat(events)
        .containsExactly(
            "begin of 3", "step 1", "step 2", "log 2.0", "step 3", "save true", "log end", "end");
    events.clear();
    trainer.removeCallback(callback);
    trainer.train();
    assertThat(events).isEmpty();
  }

  /** The row after the evaluation of a finished training has its step. */
  @Test
  void anEvaluationOnItsOwnIsLoggedAndAMeasurementIsNot() throws IOException {
    Trainer trainer = trainer(TinyModel.classifier(), "{\"max_steps\": 2}", null);
    TrainerState state = trainer.train();
    int rows = state.logHistory().size();
    Map<String, Double> measured = trainer.measure(data, "test_");
    assertThat(state.logHistory()).hasSize(rows);
    Map<String, Double> evaluated = trainer.evaluate(data, "test_");
    assertThat(state.logHistory()).hasSize(rows + 1);
    assertThat(state.logHistory().get(rows))
        .containsAllEntriesOf(evaluated)
        .containsEntry("step", 2.0);
    assertThat(evaluated.get("test_loss")).isEqualTo(measured.get("test_loss"));
    assertThatThrownBy(trainer::evaluate)
        .hasMessage("eval_dataset: expected data to evaluate on, found none");
  }

  @Test
  void evaluatesALanguageModelByItsLossPerToken() throws IOException {
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(TinyModel.config(), new SeededWeights(3, 4));
    int[] tokens = IntStream.range(0, 50).map(i -> 1 + i * 7 % 250).toArray();
    LanguageModelData blocks = new LanguageModelData(tokens, 16);
    assertThat(blocks.size()).isEqualTo(3);
    assertThat(blocks.inputIds(2)).isEqualTo(Arrays.copyOfRange(tokens, 32, 48));
    Trainer trainer = Trainer.builder(model).trainDataset(blocks).evalDataset(blocks).build();
    Map<String, Double> metrics = trainer.evaluate();
    assertThat(metrics)
        .containsOnlyKeys(
            "eval_loss", "eval_runtime", "eval_samples_per_second", "eval_steps_per_second");
    double mean = 0;
    for (int i = 0; i < 3; i++) {
      var batch = blocks.batch(new int[] {i});
      mean += model.loss(batch, blocks.labels(batch, new int[] {i})) / 3;
    }
    assertThat(metrics.get("eval_loss")).isCloseTo(mean, within(1e-5));
    assertThatThrownBy(() -> trainer.predict(blocks))
        .hasMessage("expected a classifier, found a language model");
  }
}
