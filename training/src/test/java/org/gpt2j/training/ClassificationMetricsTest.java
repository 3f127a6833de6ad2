package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;

/** The golden files are make_metrics.py's. */
class ClassificationMetricsTest {
  private static final List<String> ALWAYS =
      List.of("accuracy", "precision", "recall", "f1", "mcc");

  private static ClassificationMetrics metrics(JsonNode confusion) {
    ClassificationMetrics metrics = new ClassificationMetrics(confusion.size());
    for (int label = 0; label < confusion.size(); label++) {
      for (int prediction = 0; prediction < confusion.size(); prediction++) {
        for (int n = confusion.get(label).get(prediction).asInt(); n > 0; n--) {
          metrics.add(label, prediction);
        }
      }
    }
    return metrics;
  }

  /** The keys of scores() and what make_metrics.py found for each. */
  private static void assertScores(ClassificationMetrics metrics, JsonNode expected) {
    List<String> names = new ArrayList<>(ALWAYS);
    if (expected.hasNonNull("roc_auc")) {
      names.add("roc_auc");
    }
    Map<String, Double> scores = metrics.scores("");
    assertThat(scores).as(expected.toString()).containsOnlyKeys(names.toArray(String[]::new));
    scores.forEach(
        (name, score) ->
            assertThat(score)
                .as("%s of %s", name, expected)
                .isCloseTo(expected.get(name).asDouble(), within(1e-12)));
    if (expected.has("false_positive_rate")) {
      assertThat(metrics.falsePositiveRate())
          .as(expected.toString())
          .isCloseTo(expected.get("false_positive_rate").asDouble(), within(1e-12));
    }
  }

  private static long[][] matrix(JsonNode confusion) {
    long[][] rows = new long[confusion.size()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.stream(Fixture.ints(confusion.get(i))).asLongStream().toArray();
    }
    return rows;
  }

  @Test
  void scoresOfCountsAreScikitLearns() throws IOException {
    JsonNode cases = Fixture.load("metrics/confusion").json().get("cases");
    Set<Integer> classes = new HashSet<>();
    for (JsonNode c : cases) {
      JsonNode confusion = c.get("confusion");
      classes.add(confusion.size());
      ClassificationMetrics metrics = metrics(confusion);
      assertScores(metrics, c);
      assertThat(metrics.confusionMatrix()).isDeepEqualTo(matrix(confusion));
      assertThat(metrics.count(0, 1)).isEqualTo(confusion.get(0).get(1).asLong());
    }
    assertThat(cases.size()).isGreaterThan(80);
    assertThat(classes).containsExactlyInAnyOrder(2, 3, 4, 5);
  }

  @Test
  void scoresOfLogitsAreScikitLearns() throws IOException {
    JsonNode cases = Fixture.load("metrics/logits").json().get("cases");
    int defined = 0;
    for (JsonNode c : cases) {
      ClassificationMetrics metrics = new ClassificationMetrics(c.get("confusion").size());
      int[] labels = Fixture.ints(c.get("labels"));
      for (int i = 0; i < labels.length; i++) {
        double[] row = Fixture.doubles(c.get("logits").get(i));
        float[] logits = new float[row.length];
        for (int k = 0; k < row.length; k++) {
          logits[k] = (float) row[k];
        }
        metrics.add(labels[i], logits);
      }
      assertThat(metrics.confusionMatrix())
          .as(c.toString())
          .isDeepEqualTo(matrix(c.get("confusion")));
      assertScores(metrics, c);
      defined += c.hasNonNull("roc_auc") ? 1 : 0;
    }
    assertThat(defined).isGreaterThan(15);
    assertThat(cases.size()).isGreaterThan(defined + 3);
  }

  @Test
  void keysHaveThePrefix() {
    ClassificationMetrics metrics = new ClassificationMetrics(2);
    metrics.add(1, new float[] {0, 1});
    metrics.add(0, new float[] {1, 0});
    assertThat(metrics.scores("test_"))
        .containsOnlyKeys(
            "test_accuracy",
            "test_precision",
            "test_recall",
            "test_f1",
            "test_mcc",
            "test_roc_auc");
  }

  @Test
  void anUndefinedRocAucIsLeftOut() {
    ClassificationMetrics oneClass = new ClassificationMetrics(2);
    oneClass.add(1, new float[] {0, 1});
    assertThat(oneClass.rocAuc()).isNaN();
    assertThat(oneClass.scores("")).containsOnlyKeys(ALWAYS.toArray(String[]::new));

    ClassificationMetrics notANumber = new ClassificationMetrics(2);
    notANumber.add(1, new float[] {0, 1});
    notANumber.add(0, new float[] {Float.NaN, 0});
    assertThat(notANumber.scores("")).containsOnlyKeys(ALWAYS.toArray(String[]::new));

    assertThat(new ClassificationMetrics(2).rocAuc()).isNaN();
  }

  @Test
  void theMatrixIsACopy() {
    ClassificationMetrics metrics = new ClassificationMetrics(2);
    metrics.add(1, 0);
    metrics.confusionMatrix()[1][0] = 9;
    assertThat(metrics.count(1, 0)).isEqualTo(1);
  }

  @Test
  void threeClassesHaveNoFalsePositiveRate() {
    assertThatThrownBy(() -> new ClassificationMetrics(3).falsePositiveRate())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("false positive rate: expected 2 classes, found 3");
  }
}
