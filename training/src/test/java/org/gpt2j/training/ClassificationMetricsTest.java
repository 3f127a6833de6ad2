package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;

class ClassificationMetricsTest {
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

  /** The golden file is make_metrics.py's. */
  @Test
  void scoresAreScikitLearns() throws IOException {
    JsonNode cases = Fixture.load("metrics/confusion").json().get("cases");
    Set<Integer> classes = new HashSet<>();
    for (JsonNode c : cases) {
      JsonNode confusion = c.get("confusion");
      classes.add(confusion.size());
      ClassificationMetrics metrics = metrics(confusion);
      Map<String, Double> scores = metrics.scores("eval_");
      assertThat(scores).as(c.toString()).hasSize(c.size() - 1);
      scores.forEach(
          (name, score) ->
              assertThat(score)
                  .as("%s of %s", name, c)
                  .isCloseTo(c.get(name.substring(5)).asDouble(), within(1e-12)));
      assertThat(metrics.accuracy()).isEqualTo(scores.get("eval_accuracy"));
      assertThat(metrics.mcc()).isEqualTo(scores.get("eval_mcc"));
      assertThat(metrics.count(0, 1)).isEqualTo(confusion.get(0).get(1).asLong());
    }
    assertThat(cases.size()).isGreaterThan(80);
    assertThat(classes).containsExactlyInAnyOrder(2, 3, 4, 5);
  }

  @Test
  void moreThanTwoClassesHaveNoPositiveOne() {
    ClassificationMetrics two = new ClassificationMetrics(2);
    two.add(1, 1);
    assertThat(two.scores("test_"))
        .containsOnlyKeys("test_accuracy", "test_precision", "test_recall", "test_f1", "test_mcc");
    ClassificationMetrics three = new ClassificationMetrics(3);
    three.add(1, 1);
    assertThat(three.scores("")).containsOnlyKeys("accuracy", "mcc");
  }
}
