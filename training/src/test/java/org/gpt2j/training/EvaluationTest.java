package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.training.calibration.Calibration;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static List<int[]> batches(int maxSequences, int... lengths) {
    List<int[]> ids = new ArrayList<>();
    Arrays.stream(lengths).forEach(n -> ids.add(new int[n]));
    return Evaluation.batches(new ClassificationData(ids, new int[lengths.length]), maxSequences);
  }

  @Test
  void theLongestFirstAndNoMoreTokensThanTheBudget() {
    int half = Evaluation.TOKENS / 2;
    assertThat(batches(99, 3, half, half - 3, 2, half))
        .containsExactly(new int[] {1, 4}, new int[] {2, 0, 3});
  }

  @Test
  void equalLengthsKeepTheirOrder() {
    assertThat(batches(99, 5, 7, 5, 7)).containsExactly(new int[] {1, 3, 0, 2});
  }

  @Test
  void noMoreSequencesThanAskedFor() {
    assertThat(batches(2, 1, 1, 1, 1, 1))
        .containsExactly(new int[] {0, 1}, new int[] {2, 3}, new int[] {4});
  }

  @Test
  void aSequenceLongerThanTheBudgetIsABatchOfItsOwn() {
    assertThat(batches(99, 1, Evaluation.TOKENS + 1, 2))
        .containsExactly(new int[] {1}, new int[] {2, 0});
  }

  @Test
  void nothingMakesNoBatch() {
    assertThat(batches(99)).isEmpty();
  }

  private static final int[] LENGTHS = {3, 30, 1, 17, 9, 9, 25};

  private static ClassificationData examples() {
    List<int[]> ids = new ArrayList<>();
    for (int i = 0; i < LENGTHS.length; i++) {
      int first = i;
      ids.add(IntStream.range(0, LENGTHS[i]).map(k -> 1 + (first * 31 + k * 7) % 200).toArray());
    }
    return new ClassificationData(ids, new int[] {0, 1, 1, 0, 1, 0, 1});
  }

  @Test
  void logitsAndLabelsComeInTheOrderOfTheData() throws IOException {
    Gpt2ForSequenceClassification model = TinyModel.classifier();
    ClassificationData data = examples();
    int[] batches = {0};
    Evaluation evaluation = new Evaluation(3, DataCollator.PACKING, () -> batches[0]++);
    EvalPrediction predicted = evaluation.predict(model, data);
    float[][] logits = predicted.predictions();
    assertThat(batches[0]).isEqualTo(3);
    assertThat(predicted.labelIds()).containsExactly(0, 1, 1, 0, 1, 0, 1);
    for (int i = 0; i < LENGTHS.length; i++) {
      float[] alone = model.forward(data.batch(new int[] {i})).getRow(0).toFloatVector();
      assertThat(logits[i]).containsExactly(alone, within(1e-5f));
    }
  }

  @Test
  void metricsHaveThePrefixAndTheScoresOfTheDefault() throws IOException {
    Gpt2ForSequenceClassification model = TinyModel.classifier();
    Evaluation evaluation = new Evaluation(4, DataCollator.PACKING, () -> {});
    PredictionOutput output =
        evaluation.classify(model, examples(), "x_", p -> Evaluation.scores(p, 2));
    Map<String, Double> metrics = output.metrics();
    assertThat(metrics)
        .containsOnlyKeys(
            "x_loss",
            "x_accuracy",
            "x_precision",
            "x_recall",
            "x_f1",
            "x_mcc",
            "x_roc_auc",
            "x_runtime",
            "x_samples_per_second",
            "x_steps_per_second");
    double loss = 0;
    int right = 0;
    for (int i = 0; i < LENGTHS.length; i++) {
      int label = output.labelIds()[i];
      loss -= Math.log(Calibration.probabilities(output.predictions()[i])[label]) / LENGTHS.length;
      right += Calibration.argmax(output.predictions()[i]) == label ? 1 : 0;
    }
    assertThat(metrics.get("x_loss")).isCloseTo(loss, within(1e-9));
    assertThat(metrics.get("x_accuracy")).isEqualTo((double) right / LENGTHS.length);
    // 7 examples are 2 batches of 4; both rates are rounded.
    assertThat(metrics.get("x_steps_per_second"))
        .isCloseTo(metrics.get("x_samples_per_second") * 2 / 7, within(1e-2));
  }

  @Test
  void softmaxOfLargeLogitsIsFinite() {
    assertThat(Calibration.probabilities(new float[] {1000, 999, -1000}))
        .containsExactly(new double[] {Math.E / (1 + Math.E), 1 / (1 + Math.E), 0}, within(1e-12));
    assertThat(Calibration.argmax(new float[] {1, 2, 2})).isEqualTo(1);
  }
}
