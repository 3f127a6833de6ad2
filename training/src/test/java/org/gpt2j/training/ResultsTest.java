package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.Labels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
  @TempDir Path output;

  private final PredictionOutput predicted =
      new PredictionOutput(
          new float[][] {{0, 1}, {3, -3}, {(float) Math.log(3), 0}, {1000, -1000}},
          new int[] {1, 1, 0, 0},
          Map.of("test_loss", 0.5));

  @Test
  void eachSplitHasItsFileAndAllHaveOneTogether() throws IOException {
    Path dir = output.resolve("a/b");
    Results.saveMetrics(dir, "train", Map.of("train_loss", 0.5, "epoch", 1.0));
    Results.saveMetrics(dir, "eval", Map.of("eval_loss", 0.25, "epoch", 2.0));
    assertThat(dir.resolve("train_results.json"))
        .hasContent("{\n  \"epoch\": 1.0,\n  \"train_loss\": 0.5\n}\n");
    assertThat(dir.resolve("eval_results.json"))
        .hasContent("{\n  \"epoch\": 2.0,\n  \"eval_loss\": 0.25\n}\n");
    assertThat(dir.resolve("all_results.json"))
        .hasContent("{\n  \"epoch\": 2.0,\n  \"eval_loss\": 0.25,\n  \"train_loss\": 0.5\n}\n");
    Results.saveMetrics(dir, "eval", Map.of("eval_loss", 0.125));
    assertThat(dir.resolve("eval_results.json")).hasContent("{\n  \"eval_loss\": 0.125\n}\n");
    assertThat(JsonFile.read(dir.resolve("all_results.json")).get("eval_loss").doubleValue())
        .isEqualTo(0.125);
  }

  private List<String> lines(ProblemType problemType, float[][] logits, float[][] labels)
      throws IOException {
    PredictionOutput of = new PredictionOutput(logits, new Labels.Values(labels), Map.of());
    Results.savePredictions(output, of, problemType, List.of("a", "b"), List.of("one", "two"));
    return Files.readAllLines(output.resolve("predictions.csv"));
  }

  @Test
  void severalLabelsAndNumbersStandWithBarsBetweenThem() throws IOException {
    float[][] logits = {{0, 1}, {-1, -1}};
    double p = 1 / (1 + Math.exp(-1));
    double q = 1 / (1 + Math.exp(1));
    assertThat(
            lines(ProblemType.MULTI_LABEL_CLASSIFICATION, logits, new float[][] {{1, 1}, {0, 0}}))
        .containsExactly(
            "text,label,prediction,probability_a,probability_b",
            "one,a|b,b,0.5," + p,
            "two,,," + q + "," + q);
    assertThat(lines(ProblemType.REGRESSION, logits, new float[][] {{0.5f, 2}, {-1, 3}}))
        .containsExactly("text,label,prediction", "one,0.5|2.0,0.0|1.0", "two,-1.0|3.0,-1.0|-1.0");
  }

  @Test
  void predictionsComeBackFromTheFile() throws IOException {
    List<String> texts = List.of("a, \"quoted\" text", "two\nlines", " £5 \uD83E\uDD17 ", "=plain");
    Results.savePredictions(
        output, predicted, ProblemType.SINGLE_LABEL_CLASSIFICATION, List.of("ham", "spam"), texts);
    try (Reader reader = Files.newBufferedReader(output.resolve("predictions.csv"));
        CSVParser parser = CSVFormat.RFC4180.parse(reader)) {
      List<CSVRecord> rows = parser.getRecords();
      assertThat(rows).hasSize(5);
      assertThat(rows.get(0))
          .containsExactly("text", "label", "prediction", "probability_ham", "probability_spam");
      double e = Math.E / (1 + Math.E);
      assertRow(rows.get(1), texts.get(0), "spam", "spam", 1 - e, e);
      double six = 1 / (1 + Math.exp(-6));
      assertRow(rows.get(2), texts.get(1), "spam", "ham", six, 1 - six);
      assertRow(rows.get(3), texts.get(2), "ham", "ham", 0.75, 0.25);
      assertRow(rows.get(4), texts.get(3), "ham", "ham", 1, 0);
    }
    assertThat(output.resolve("predictions.csv"))
        .content()
        .startsWith("text,label,prediction,probability_ham,probability_spam\n")
        .doesNotContain("\r");
  }

  private static void assertRow(
      CSVRecord row, String text, String label, String prediction, double ham, double spam) {
    assertThat(row.stream().limit(3)).containsExactly(text, label, prediction);
    assertThat(Double.parseDouble(row.get(3))).isCloseTo(ham, within(1e-6));
    assertThat(Double.parseDouble(row.get(4))).isCloseTo(spam, within(1e-6));
  }

  @Test
  void refusesTextsOfOtherPredictions() {
    assertThatThrownBy(
            () ->
                Results.savePredictions(
                    output,
                    predicted,
                    ProblemType.SINGLE_LABEL_CLASSIFICATION,
                    List.of("a", "b"),
                    List.of("one")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("texts: expected one for each of 4 predictions, found 1");
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void aFileInTheDirectorysPlaceIsNamed() throws IOException {
    Path file = Files.writeString(output.resolve("file"), "x");
    assertThatThrownBy(() -> Results.saveMetrics(file, "eval", Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": expected a directory to save into, found a file");
  }

  @Test
  void theTrainerWritesThemIntoItsOutputDirectory() throws IOException {
    ClassificationData data = TinyModel.data(4);
    Trainer trainer =
        Trainer.builder(TinyModel.classifier())
            .args(TinyModel.arguments(output, "{}"))
            .trainDataset(data)
            .build();
    PredictionOutput test = trainer.predict(data);
    trainer.saveMetrics("test", test.metrics());
    trainer.savePredictions(test, List.of("a", "b", "c", "d"));
    assertThat(JsonFile.read(output.resolve("test_results.json")).get("test_accuracy").isNumber())
        .isTrue();
    List<String> lines = Files.readAllLines(output.resolve("predictions.csv"));
    assertThat(lines.get(0)).isEqualTo("text,label,prediction,probability_ham,probability_spam");
    assertThat(lines.get(1)).startsWith("a,ham,");
    assertThat(lines.get(4)).startsWith("d,spam,");
  }
}
