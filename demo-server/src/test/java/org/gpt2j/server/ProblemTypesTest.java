package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.gpt2j.io.JsonFile;
import org.gpt2j.training.Classification;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is answered where texts have several labels or none, or numbers. */
class ProblemTypesTest {
  private static final String TEXT = "WIN a prize now";
  private static final List<String> WORDS = List.of(TEXT.split(" "));

  @TempDir Path directory;

  private ServedModel load(String problemType, String... labels) throws Exception {
    return TestModel.load(TestModel.saveWhole(directory, problemType, labels));
  }

  private static List<String> keys(JsonNode json) {
    return json.properties().stream().map(Map.Entry::getKey).toList();
  }

  private static ObjectNode explained(ServedModel model) throws Exception {
    try (TestServer server = new TestServer(TestServer.options(), model)) {
      JsonNode info = JsonFile.parse(server.get("/api/model").body());
      assertThat(info.path("problem_type").asText())
          .isEqualTo(model.classifier().problemType().toString());
      JsonNode many = server.classify(TestServer.texts(List.of(TEXT, "see"))).path("results");
      ObjectNode one = server.classify(TestServer.text(TEXT).put("explain", true));
      assertThat(many.get(0).path("score").asDouble())
          .isCloseTo(one.path("score").asDouble(), within(1e-6));
      return one;
    }
  }

  /** The logit of a part of the text's words; none of nothing. */
  private static double logit(ServedModel model, int label, BitSet kept, double nothing) {
    String words = kept.stream().mapToObj(WORDS::get).collect(Collectors.joining(" "));
    return words.isEmpty() ? nothing : model.classifier().classify(words).logits()[label];
  }

  private static void assertWeights(
      JsonNode explanation, ServedModel model, int label, double nothing) {
    assertThat(explanation).hasSize(WORDS.size());
    for (int i = 0; i < WORDS.size(); i++) {
      double expected = 0;
      for (BitSet half : Explanation.halves(WORDS.size())) {
        half.set(i);
        expected += logit(model, label, half, nothing) / 4;
        half.clear(i);
        expected -= logit(model, label, half, nothing) / 4;
      }
      assertThat(explanation.get(i).path("weight").asDouble()).isCloseTo(expected, within(1e-4));
    }
  }

  @Test
  void severalLabels() throws Exception {
    ServedModel model = load("multi_label_classification", "a", "b", "c");
    ObjectNode answer = explained(model);
    Classification expected = model.classifier().classify(TEXT);
    assertThat(keys(answer))
        .containsExactly(
            "label", "score", "labels", "probabilities", "tokens", "truncated", "explanation");
    assertThat(answer.path("label").asText()).isEqualTo(expected.label());
    assertThat(answer.path("labels"))
        .extracting(JsonNode::asText)
        .containsExactlyElementsOf(expected.labels());
    expected
        .scores()
        .forEach(
            (name, p) ->
                assertThat(answer.path("probabilities").path(name).asDouble())
                    .isCloseTo(p, within(1e-6)));
    int label = List.of("a", "b", "c").indexOf(expected.label());
    assertWeights(answer.path("explanation"), model, label, 0);
  }

  @Test
  void numbers() throws Exception {
    ServedModel model = load("regression", "stars");
    ObjectNode answer = explained(model);
    double value = model.classifier().classify(TEXT).logits()[0];
    assertThat(keys(answer))
        .containsExactly("label", "score", "values", "tokens", "truncated", "explanation");
    assertThat(answer.path("values").path("stars").asDouble()).isCloseTo(value, within(1e-5));
    assertThat(answer.path("score")).isEqualTo(answer.path("values").path("stars"));
    assertWeights(answer.path("explanation"), model, 0, value);
  }

  @Test
  void oneLabelHoldsOrNot() throws Exception {
    ServedModel model = load(null, "LABEL_0");
    ObjectNode answer = explained(model);
    Classification expected = model.classifier().classify(TEXT);
    assertThat(answer.path("probabilities").path("LABEL_0").asDouble())
        .isCloseTo(1 / (1 + Math.exp(-expected.logits()[0])), within(1e-5));
    assertThat(answer.path("labels")).hasSize(expected.labels().size());
  }
}
