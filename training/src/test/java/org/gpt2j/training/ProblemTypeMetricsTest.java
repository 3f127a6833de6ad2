package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.Labels;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;

/** Against scikit-learn and scipy (make_problem_types.py). */
class ProblemTypeMetricsTest {
  private static void check(JsonNode c, String predictions, ProblemType type) {
    Map<String, Double> scores =
        Evaluation.scores(
            new EvalPrediction(
                Fixture.rows(c.get(predictions)), new Labels.Values(Fixture.rows(c.get("labels")))),
            type,
            c.get("labels").get(0).size());
    assertThat(scores).hasSize(c.get("scores").size());
    scores.forEach(
        (name, score) ->
            assertThat(score)
                .as("%s of %s", name, c)
                .isCloseTo(c.get("scores").get(name).asDouble(), within(1e-12)));
  }

  @Test
  void scoresOfSeveralLabels() throws IOException {
    JsonNode cases = Fixture.load("metrics/problem_types").json().get("multi_label");
    assertThat(cases).hasSize(8);
    for (JsonNode c : cases) {
      check(c, "logits", ProblemType.MULTI_LABEL_CLASSIFICATION);
      assertThat(c.get("scores").properties().stream().map(Map.Entry::getKey))
          .containsExactlyInAnyOrderElementsOf(MultiLabelMetrics.NAMES);
    }
  }

  @Test
  void scoresOfNumbers() throws IOException {
    JsonNode cases = Fixture.load("metrics/problem_types").json().get("regression");
    assertThat(cases).hasSize(6);
    for (JsonNode c : cases) {
      check(c, "predictions", ProblemType.REGRESSION);
      assertThat(RegressionMetrics.NAMES)
          .containsAll(c.get("scores").properties().stream().map(Map.Entry::getKey).toList());
    }
  }
}
