package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.testing.SeededWeights;
import org.gpt2j.training.Classification;
import org.gpt2j.training.TextClassifier;
import org.gpt2j.training.TinyModel;
import org.gpt2j.training.calibration.Calibration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code calibrate}, and what the other commands make of what it wrote. */
class CalibrateCommandTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path dir;
  private Path model;
  private Path data;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** Labels are what the model says, but for every fifth: it is good, and not perfect. */
  @BeforeEach
  void save() throws IOException {
    model = TinyModel.saveClassifier(dir.resolve("model"));
    data = dir.resolve("data.tsv");
    List<String> texts =
        TinyModel.messages(60).stream().map(message -> message.text() + "!".repeat(3)).toList();
    try (TextClassifier classifier = TextClassifier.load(model)) {
      List<Classification> said = classifier.classify(texts);
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < texts.size(); i++) {
        boolean spam = said.get(i).label().equals("spam") != (i % 5 == 0);
        lines.append(spam ? "spam" : "ham").append('\t').append(texts.get(i)).append('\n');
      }
      Files.writeString(data, lines);
    }
  }

  private int run(Object... args) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
  }

  private JsonNode evaluate() throws IOException {
    assertThat(run("evaluate", "--model", model, "--data", data, "--json"))
        .as(err.toString())
        .isZero();
    return MAPPER.readTree(out.toString());
  }

  @Test
  void probabilitiesComeNearerToFrequencies() throws IOException {
    JsonNode before = evaluate();
    assertThat(run("calibrate", "--model", model, "--data", data)).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("ece_before", "temperature", "written: " + model.resolve("calibration.json"))
        .doesNotContain("threshold");
    JsonNode after = evaluate();
    assertThat(after.get("eval_loss").asDouble()).isLessThan(before.get("eval_loss").asDouble());
    assertThat(after.get("eval_ece").asDouble()).isLessThan(before.get("eval_ece").asDouble());
    assertThat(after.get("eval_roc_auc").asDouble())
        .isCloseTo(before.get("eval_roc_auc").asDouble(), within(1e-6));
    JsonNode fitted = JsonFile.read(model.resolve("calibration.json")).get("fitted_on");
    assertThat(fitted.get("examples").asInt()).isEqualTo(60);
    assertThat(fitted.get("ece").asDouble())
        .isCloseTo(after.get("eval_ece").asDouble(), within(1e-6));
  }

  @Test
  void theThresholdIsObeyedEverywhere() throws IOException {
    assertThat(run("calibrate", "--model", model, "--data", data, "--max-false-positive-rate", "0"))
        .as(err.toString())
        .isZero();
    assertThat(err.toString())
        .contains("with fewer than 50 the probabilities may get worse")
        .contains("the threshold leaves out all of them");
    assertThat(evaluate().get("eval_blocked_ham_rate").asDouble()).isZero();
    assertThat(run("evaluate", "--model", model, "--data", data)).isZero();
    assertThat(out.toString()).contains("spam from a probability of 0.");
    try (TextClassifier classifier = TextClassifier.load(model)) {
      Calibration calibration = classifier.calibration();
      double threshold = calibration.threshold().getAsDouble();
      assertThat(threshold).isGreaterThan(0.5);
      List<String> texts =
          Files.readAllLines(data).stream().map(line -> line.split("\t")[1]).toList();
      List<Classification> said = classifier.classify(texts);
      for (Classification c : said) {
        double spam = c.scores().get("spam");
        assertThat(c.label()).isEqualTo(spam >= threshold ? "spam" : "ham");
        assertThat(c.score()).isEqualTo(c.scores().get(c.label()));
        assertThat(c.probabilities()[1]).isEqualTo(spam);
        assertThat(Calibration.probabilities(calibration.apply(c.logits()))[1]).isEqualTo(spam);
      }
      assertThat(said.stream().map(Classification::label).collect(Collectors.toSet()))
          .as("some are rather spam, and below the threshold")
          .contains("ham");
      assertThat(said).anyMatch(c -> c.label().equals("ham") && c.score() < 0.5);
      assertThat(run("classify", "--model", model, "--json", texts.get(1))).isZero();
      JsonNode json = MAPPER.readTree(out.toString());
      assertThat(json.get("probabilities").get("spam").asDouble())
          .isCloseTo(said.get(1).scores().get("spam"), within(1e-6));
    }
  }

  @Test
  void plotsAreDrawn() {
    Path plots = dir.resolve("a").resolve("plots");
    assertThat(run("evaluate", "--model", model, "--data", data, "--plots", plots))
        .as(err.toString())
        .isZero();
    assertThat(plots.resolve("evaluation_plots.pdf")).isNotEmptyFile();
    assertThat(plots.resolve("evaluation_plots.png")).isNotEmptyFile();
  }

  @Test
  void weightsTrainedFurtherNeedAnother() throws IOException {
    assertThat(run("calibrate", "--model", model, "--data", data)).isZero();
    new Gpt2ForSequenceClassification(TinyModel.classifierConfig(), new SeededWeights(4, 4))
        .savePretrained(model);
    assertThatThrownBy(() -> TextClassifier.load(model))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(model.resolve("calibration.json") + ": head_sha256: expected");
    assertThat(run("classify", "--model", model, "hi")).isEqualTo(1);
    assertThat(err.toString()).contains("made for other weights");
    assertThat(run("calibrate", "--model", model, "--data", data)).as(err.toString()).isZero();
    assertThat(run("classify", "--model", model, "hi")).isZero();
  }

  @Test
  void whatCannotBeIsRefused() throws IOException {
    assertThat(run("calibrate", "--model", model, "--data", data, "--threshold-data", data))
        .isNotZero();
    assertThat(err.toString())
        .contains("--threshold-data goes with --max-false-positive-rate, found none");
    assertThat(
            run("calibrate", "--model", model, "--data", data, "--max-false-positive-rate", "1.5"))
        .isNotZero();
    assertThat(err.toString()).contains("max_false_positive_rate: expected", "found 1.5");
    Path ham = Files.writeString(dir.resolve("ham.tsv"), "ham\tsee you at home\nham\tok then\n");
    assertThat(run("calibrate", "--model", model, "--data", ham)).isNotZero();
    assertThat(err.toString())
        .contains("--data: expected messages of every label, found none of spam");
    assertThat(model.resolve("calibration.json")).doesNotExist();
  }
}
