package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against transformers' pipeline and its choice of a loss (make_scores.py). */
class ProblemTypeTest {
  static List<JsonNode> cases() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    Fixture.load("problem_types/scores").json().forEach(cases::add);
    assertThat(cases).hasSize(11);
    return cases;
  }

  private static Gpt2Config config(String problemType, int labels) {
    return Gpt2Config.gpt2().toBuilder()
        .labels(IntStream.range(0, labels).mapToObj(i -> "LABEL_" + i).toList())
        .problemType(problemType)
        .build();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void scoresAndLossAreTransformers(JsonNode c) {
    Gpt2Config config = config(c.get("problem_type").textValue(), c.get("num_labels").asInt());
    float[][] logits = Fixture.rows(c.get("logits"));
    for (int i = 0; i < logits.length; i++) {
      double[] scores = ProblemType.ofPipeline(config).scores(logits[i]);
      assertThat(scores).containsExactly(Fixture.doubles(c.get("scores").get(i)), within(1e-6));
      int label = c.get("label").get(i).asInt();
      assertThat(scores[label])
          .isEqualTo(
              IntStream.range(0, scores.length).mapToDouble(k -> scores[k]).max().getAsDouble());
    }
    assertThat(ProblemType.ofLoss(config)).hasToString(c.get("loss_type").asText());
  }

  @Test
  void namesAreThoseOfTheConfig() {
    for (ProblemType type : ProblemType.values()) {
      assertThat(ProblemType.fromName(type.toString())).isSameAs(type);
      assertThat(config(type.toString(), 2).problemType()).isEqualTo(type.toString());
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProblemType.fromName("REGRESSION"))
        .withMessage(
            "problem_type: expected one of [single_label_classification,"
                + " multi_label_classification, regression], found REGRESSION");
  }

  @Test
  void oneClassOfOneIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Gpt2ForSequenceClassification(
                    config("single_label_classification", 1), new SeededWeights(1, 1)))
        .withMessage(
            "problem_type: expected regression or multi_label_classification of one label, found"
                + " single_label_classification");
  }
}
