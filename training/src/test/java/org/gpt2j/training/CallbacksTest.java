package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.gpt2j.training.callbacks.EarlyStoppingCallback;
import org.gpt2j.training.callbacks.PrinterCallback;
import org.gpt2j.training.callbacks.ResourceLogCallback;
import org.gpt2j.training.callbacks.TrainAccuracyCallback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The small callbacks; in this package because only it makes states. */
class CallbacksTest {
  @TempDir Path output;

  private final StringWriter out = new StringWriter();
  private final TrainingArguments args = TrainingArguments.defaults();
  private final TrainerState state = new TrainerState(args);
  private final TrainerControl control = new TrainerControl();

  private Trainer trainer(String json, TrainingData eval, TrainerCallback... callbacks)
      throws IOException {
    return Trainer.builder(TinyModel.classifier())
        .args(TinyModel.arguments(output, json))
        .trainDataset(TinyModel.data(10))
        .evalDataset(eval)
        .callbacks(List.of(callbacks))
        .build();
  }

  @Test
  void printerPrintsEachRowAsItIs() {
    PrinterCallback printer = new PrinterCallback(new PrintWriter(out));
    printer.onLog(args, state, control, state.log(Map.of("loss", 1e-5)));
    printer.onLog(args, state, control, state.log(Map.of("eval_loss", 0.5)));
    assertThat(out.toString().lines())
        .containsExactly(
            "{epoch=0.0, loss=1.0E-5, step=0.0}", "{epoch=0.0, eval_loss=0.5, step=0.0}");
  }

  @Test
  void resourcesArePrintedWithEachRowAndKeptOutOfTheLog() throws IOException {
    ResourceLogCallback resources = new ResourceLogCallback(new PrintWriter(out));
    TrainerState trained =
        trainer("{\"max_steps\": 4, \"logging_steps\": 2}", null, resources).train();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(lines.get(i))
          .matches(
              "step "
                  + new int[] {2, 4, 4}[i]
                  + "  heap [1-9]\\d* MB  off-heap \\d+ MB  process [1-9]\\d* MB  \\d+ tokens/s");
    }
    assertThat(lines.get(0)).doesNotEndWith(" 0 tokens/s");
    // Nothing was trained between the last row of the loss and the end.
    assertThat(lines.get(2)).endsWith(" 0 tokens/s");
    assertThat(trained.logHistory())
        .allSatisfy(row -> assertThat(row).doesNotContainKeys("heap", "tokens/s"));
  }

  @Test
  void trainAccuracyIsLoggedAfterEachEvaluationOfATraining() throws IOException {
    Trainer trainer = trainer("{\"max_steps\": 4, \"eval_steps\": 2}", TinyModel.data(6));
    trainer.addCallback(new TrainAccuracyCallback(trainer));
    TrainerState trained = trainer.train();
    List<Map<String, Double>> rows = trained.logHistory();
    List<Map<String, Double>> accuracies =
        rows.stream().filter(r -> r.containsKey("train_accuracy")).toList();
    assertThat(accuracies).extracting(r -> r.get("step")).containsExactly(2.0, 4.0);
    assertThat(accuracies)
        .allSatisfy(r -> assertThat(r).containsOnlyKeys("train_accuracy", "step", "epoch"));
    for (Map<String, Double> row : accuracies) {
      assertThat(rows.get(rows.indexOf(row) - 1)).containsKey("eval_accuracy");
    }
    int size = rows.size();
    trainer.evaluate();
    assertThat(rows).as("not after the training").hasSize(size + 1);
  }

  @Test
  void trainAccuracyIsThatOfTheTrainingData() throws IOException {
    ClassificationData opposite = TinyModel.opposite(TinyModel.data(10));
    Trainer trainer =
        trainer(
            "{\"max_steps\": 12, \"eval_steps\": 12, \"load_best_model_at_end\": false}", opposite);
    trainer.addCallback(new TrainAccuracyCallback(trainer));
    List<Map<String, Double>> rows = trainer.train().logHistory();
    double train = value(rows, "train_accuracy");
    assertThat(train).isGreaterThan(0.5);
    assertThat(value(rows, "eval_accuracy")).isEqualTo(1 - train);
  }

  private static double value(List<Map<String, Double>> rows, String key) {
    return rows.stream().filter(r -> r.containsKey(key)).findFirst().orElseThrow().get(key);
  }

  @Test
  void trainAccuracyIsNotLoggedWhereItIsNotMeasured() throws IOException {
    Trainer trainer =
        Trainer.builder(TinyModel.classifier())
            .args(TinyModel.arguments(output, "{\"max_steps\": 1}"))
            .trainDataset(TinyModel.data(4))
            .evalDataset(TinyModel.data(4))
            .computeMetrics(p -> Map.of())
            .build();
    trainer.addCallback(new TrainAccuracyCallback(trainer));
    assertThat(trainer.train().logHistory()).noneMatch(r -> r.containsKey("train_accuracy"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void earlyStoppingNeedsPatience(int patience) {
    assertThatThrownBy(() -> new EarlyStoppingCallback(patience))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("early_stopping_patience: expected a number above 0, found " + patience);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN})
  void earlyStoppingNeedsAThreshold(double threshold) {
    assertThatThrownBy(() -> new EarlyStoppingCallback(1, threshold))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "early_stopping_threshold: expected a number of at least 0, found " + threshold);
  }

  @Test
  void earlyStoppingNeedsAMetricAndEvaluations() throws IOException {
    Trainer withoutMetric =
        trainer(
            "{\"max_steps\": 1, \"load_best_model_at_end\": false}",
            TinyModel.data(4),
            new EarlyStoppingCallback(1));
    assertThatThrownBy(withoutMetric::train)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("metric_for_best_model: expected a metric for early stopping, found none");
    Trainer withoutEvaluation =
        trainer(
            "{\"max_steps\": 1, \"eval_strategy\": \"no\", \"metric_for_best_model\": \"f1\"}",
            TinyModel.data(4),
            new EarlyStoppingCallback(1));
    assertThatThrownBy(withoutEvaluation::train)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("eval_strategy: expected steps or epoch for early stopping, found no");
    assertThat(withoutEvaluation.state().globalStep()).isZero();
  }

  @Test
  void earlyStoppingEndsATrainingThatGetsNoBetter() throws IOException {
    Trainer trainer =
        trainer(
            "{\"max_steps\": 50, \"eval_steps\": 1}",
            TinyModel.opposite(TinyModel.data(10)),
            new EarlyStoppingCallback(2));
    TrainerState trained = trainer.train();
    assertThat(trained.globalStep()).isEqualTo(trained.bestGlobalStep() + 2).isLessThan(50);
  }
}
