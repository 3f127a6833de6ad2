package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.gpt2j.io.JsonFile;
import org.gpt2j.training.TextClassifier;
import org.gpt2j.training.calibration.Calibration;
import org.gpt2j.training.calibration.CalibrationFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is answered where a model has a calibration and a threshold. */
class CalibratedTest {
  private static final String TEXT = "WIN a prize now";

  @TempDir Path directory;

  /** The probability of spam of the text becomes p, and the threshold t. */
  private Path save(double p, double t) throws Exception {
    Path model = TestModel.saveWhole(directory.resolve("model"));
    try (TextClassifier classifier = TextClassifier.load(model)) {
      float[] logits = classifier.classify(TEXT).logits();
      double bias = Math.log(p / (1 - p)) - (logits[1] - logits[0]) / 2;
      Calibration calibration = new Calibration(2, List.of(0.0, bias), OptionalDouble.of(t));
      CalibrationFile.write(model, calibration, classifier.headSha256(), Map.of());
    }
    return model;
  }

  @Test
  void scoreAndThresholdAreTold() throws Exception {
    ServedModel model = TestModel.load(save(.7, .8));
    try (TestServer server = new TestServer(TestServer.options(), model)) {
      JsonNode info = JsonFile.parse(server.get("/api/model").body());
      assertThat(info.path("threshold").toString())
          .isEqualTo("{\"label\":\"spam\",\"probability\":0.8}");
      ObjectNode one = server.classify(TestServer.text(TEXT).put("explain", true));
      assertThat(one.path("label").asText()).as("rather spam, but not blocked").isEqualTo("ham");
      assertThat(one.path("score").asDouble()).isCloseTo(.3, within(1e-5));
      assertThat(one.at("/probabilities/spam").asDouble()).isCloseTo(.7, within(1e-5));
      assertThat(one.path("threshold")).isEqualTo(info.path("threshold"));
      assertThat(one.path("explanation")).isNotEmpty();
      JsonNode many = server.classify(TestServer.texts(List.of(TEXT, "see"))).path("results");
      assertThat(many).allSatisfy(r -> assertThat(r.path("threshold")).isNotEmpty());
    }
  }

  @Test
  void fromTheThresholdOnItIsSpam() throws Exception {
    ServedModel model = TestModel.load(save(.81, .8));
    try (TestServer server = new TestServer(TestServer.options(), model)) {
      ObjectNode one = server.classify(TestServer.text(TEXT));
      assertThat(one.path("label").asText()).isEqualTo("spam");
      assertThat(one.path("score").asDouble()).isCloseTo(.81, within(1e-5));
    }
  }

  @Test
  void withoutOneNothingIsTold() throws Exception {
    ServedModel model = TestModel.load(TestModel.saveWhole(directory.resolve("plain")));
    try (TestServer server = new TestServer(TestServer.options(), model)) {
      assertThat(JsonFile.parse(server.get("/api/model").body()).has("threshold")).isFalse();
      assertThat(server.classify(TestServer.text(TEXT)).has("threshold")).isFalse();
    }
  }
}
