package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.testing.SeededWeights;
import org.gpt2j.training.Classification;
import org.gpt2j.training.TextClassifier;
import org.gpt2j.training.TinyModel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts of several labels or none, and regressions, from the table to what is said of a text. */
class ProblemTypeTest {
  private static final String MULTI_LABEL = "multi_label_classification";

  @TempDir Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void saveBaseAndTables() throws IOException {
    TinyModel.saveBase(dir.resolve("base"));
    StringBuilder several = new StringBuilder("label,text\n");
    StringBuilder numbers = new StringBuilder("label,text\n");
    for (int i = 0; i < 40; i++) {
      String labels = List.of("", "prize", "home", "home|prize").get(i % 4);
      String text =
          (i % 4 >= 2 ? "see you at home " : "on and on ") + (i % 2 == 1 ? "WIN a prize " : "");
      several.append(labels + "," + text + i + "\n");
      numbers.append(i % 4 - 1.5 + "," + text + i + "\n");
    }
    Files.writeString(dir.resolve("several.csv"), several);
    Files.writeString(dir.resolve("numbers.csv"), numbers);
  }

  /** Runs words in which `@` stands for the directory of the test. */
  private int run(String args) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args.replace("@", dir.toString()).split(" "));
  }

  private void train(String args) {
    String all =
        "train --base @/base --output @/model --mode full --learning-rate 1e-2 --dropout 0 ";
    assertThat(run(all + args)).as(err.toString()).isZero();
  }

  private void assertRefused(String args, String message) {
    assertThat(run(args)).isEqualTo(1);
    assertThat(err.toString().lines().filter(line -> line.startsWith("error: ")))
        .containsExactly("error: " + message.replace("@", dir.toString()));
  }

  private JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }

  private Path saveClassifier(String problemType, String... labels) throws IOException {
    var config =
        TinyModel.config().toBuilder().labels(List.of(labels)).problemType(problemType).build();
    Path model = dir.resolve("classifier");
    new Gpt2ForSequenceClassification(config, new SeededWeights(3, 4)).savePretrained(model);
    TinyModel.tokenizer().savePretrained(model);
    return model;
  }

  @Test
  void trainsAndMeasuresSeveralLabels() throws IOException {
    train("--data @/several.csv --max-steps 40 --problem-type " + MULTI_LABEL);
    JsonNode config = json(Files.readString(dir.resolve("model/config.json")));
    assertThat(config.get("problem_type").asText()).isEqualTo(MULTI_LABEL);
    assertThat(config.get("id2label")).hasToString("{\"0\":\"home\",\"1\":\"prize\"}");
    assertThat(out.toString()).contains("shuffled: 28 to train").doesNotContain("confusion");

    assertThat(run("evaluate --json --model @/model --data @/several.csv")).isZero();
    JsonNode metrics = json(out.toString());
    assertThat(metrics.get("eval_loss").asDouble()).isLessThan(0.1);
    assertThat(metrics.get("eval_accuracy").asDouble()).isEqualTo(1);
    assertThat(metrics.get("eval_f1_micro").asDouble()).isEqualTo(1);

    try (TextClassifier classifier = TextClassifier.load(dir.resolve("model"))) {
      assertThat(classifier.classify("see you at home WIN a prize 7").labels())
          .containsExactly("home", "prize");
      Classification none = classifier.classify("on and on 7");
      assertThat(none.labels()).isEmpty();
      assertThat(none.score()).isLessThan(0.5).isEqualTo(none.scores().get(none.label()));
    }
    Files.writeString(
        dir.resolve("in.csv"), "id,text\n1,see you at home WIN a prize 7\n2,on and on 7\n");
    assertThat(run("classify --model @/model --input @/in.csv")).isZero();
    assertThat(out.toString().lines().toList().get(1)).contains(",home|prize,0.");
    assertThat(out.toString().lines().toList().get(2)).contains("7,,0.");
    assertThat(err.toString()).contains("2 rows: 1 home, 1 prize");
  }

  @Test
  void trainsAndMeasuresNumbers() throws IOException {
    Files.writeString(dir.resolve("args.json"), "{\"problem_type\": \"regression\"}");
    train("--data @/numbers.csv --max-steps 60 --args @/args.json");
    JsonNode config = json(Files.readString(dir.resolve("model/config.json")));
    assertThat(config.get("problem_type").asText()).isEqualTo("regression");
    assertThat(config.get("id2label")).hasToString("{\"0\":\"LABEL_0\"}");
    assertThat(out.toString()).doesNotContain("train_accuracy").doesNotContain("confusion");

    assertThat(run("evaluate --json --model @/model --data @/numbers.csv")).isZero();
    JsonNode metrics = json(out.toString());
    assertThat(metrics.get("eval_mse").asDouble())
        .isLessThan(0.3)
        .isCloseTo(metrics.get("eval_loss").asDouble(), within(1e-9));
    assertThat(metrics.get("eval_r2").asDouble()).isGreaterThan(0.7);

    Files.writeString(dir.resolve("in.csv"), "id,text\n1,on and on 7\n");
    assertThat(run("classify --model @/model --input @/in.csv")).isZero();
    assertThat(out.toString()).matches("id,text,value\n1,on and on 7,-?[0-9]\\.[0-9]{6}\n");
  }

  @Test
  void theJsonOfEachTypeHasItsKeys() throws IOException {
    Map<String, List<String>> keys =
        Map.of(
            "single_label_classification",
            List.of("text", "label", "score"),
            MULTI_LABEL,
            List.of("text", "label", "score", "labels", "probabilities"),
            "regression",
            List.of("text", "label", "score", "values"));
    for (String type : keys.keySet()) {
      Path model = saveClassifier(type, "a", "b");
      assertThat(run("classify --json --model " + model + " see")).as(err.toString()).isZero();
      JsonNode line = json(out.toString());
      List<String> found = line.properties().stream().map(Map.Entry::getKey).toList();
      assertThat(found.subList(0, found.size() - 2)).isEqualTo(keys.get(type));
      assertThat(found).endsWith("logits", "token_ids");
      double logit = line.get("logits").get(0).asDouble();
      if (type.equals(MULTI_LABEL)) {
        assertThat(line.get("probabilities").get("a").asDouble())
            .isCloseTo(1 / (1 + Math.exp(-logit)), within(1e-7));
      } else if (type.equals("regression")) {
        assertThat(line.get("values").get("a").asDouble()).isCloseTo(logit, within(1e-6));
      }
    }
  }

  @Test
  void oneLabelWithoutATypeHoldsOrNot() throws IOException {
    Path model = saveClassifier(null, "LABEL_0");
    assertThat(run("classify --json --model " + model + " see")).as(err.toString()).isZero();
    JsonNode line = json(out.toString());
    double p = 1 / (1 + Math.exp(-line.get("logits").get(0).asDouble()));
    assertThat(line.get("label").asText()).isEqualTo("LABEL_0");
    assertThat(line.get("score").asDouble()).isCloseTo(p, within(1e-7));
    assertThat(line.get("labels")).hasSize(p > 0.5 ? 1 : 0);
    // transformers trains and measures it as a regression.
    assertThat(run("evaluate --json --data @/numbers.csv --model " + model)).isZero();
    assertThat(json(out.toString()).has("eval_mse")).isTrue();
  }

  @Test
  void evaluateMayBeToldWhatTheModelIs() throws IOException {
    Path model = saveClassifier(null, "home", "prize");
    String evaluate = "evaluate --json --data @/several.csv --model " + model;
    assertThat(run(evaluate + " --problem-type " + MULTI_LABEL)).as(err.toString()).isZero();
    assertThat(json(out.toString()).has("eval_f1_macro")).isTrue();
  }

  @Test
  void whatDoesNotFitIsRefusedByName() throws IOException {
    String train = "train --base @/base --output @/refused --data @/several.csv --problem-type ";
    assertRefused(
        train + "several",
        "problem_type: expected one of [single_label_classification, multi_label_classification,"
            + " regression], found several");
    assertRefused(train + "regression", "@/several.csv: line 2: expected a label, found nothing");
    assertRefused(
        train + MULTI_LABEL + " --class-weights balanced",
        "--class-weights, --logit-adjustment: expected --problem-type single_label_classification,"
            + " found multi_label_classification");
    assertRefused(
        train + MULTI_LABEL + " --label-smoothing-factor 0.1",
        "label_smoothing_factor, class_weights, logit_adjustment: expected problem_type"
            + " single_label_classification, found multi_label_classification");
    assertRefused(
        train.replace("train", "recipe") + MULTI_LABEL,
        "--problem-type: recipe compares classifiers of one label a text, expected"
            + " single_label_classification, found multi_label_classification");
    String numbers = "train --base @/base --output @/refused --data @/numbers.csv";
    assertRefused(
        numbers + " --problem-type regression --metric-for-best-model mse",
        "greater_is_better: expected false, since metric_for_best_model is mse, found true");
    assertRefused(
        numbers + " --problem-type regression --metric-for-best-model f1",
        "metric_for_best_model: expected one of [loss, mae, mse, pearsonr, r2], found f1");
    assertThat(dir.resolve("refused")).doesNotExist();
  }

  @Test
  void aBaseOfAnotherProblemIsNotPassedOver() throws IOException {
    Path base = saveClassifier("regression", "LABEL_0");
    String train =
        "train --output @/model --max-steps 1 --eval-strategy no --mode full --base " + base;
    assertRefused(
        train + " --data @/numbers.csv",
        "--problem-type: expected one, as problem_type of the base "
            + base
            + " is regression, found none");
    assertThat(run(train + " --data @/numbers.csv --problem-type regression"))
        .as(err.toString())
        .isZero();
  }
}
