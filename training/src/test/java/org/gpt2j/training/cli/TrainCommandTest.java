package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.gpt2j.io.JsonFile;
import org.gpt2j.training.TinyModel;
import org.gpt2j.training.TrainerState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What `train` leaves behind, on a tiny model. */
class TrainCommandTest {
  @TempDir Path dir;

  private final StringWriter out = new StringWriter();
  private Path output;

  @BeforeEach
  void saveBaseAndMessages() throws IOException {
    output = dir.resolve("model");
    TinyModel.saveBase(dir.resolve("base"));
    StringBuilder sms = new StringBuilder();
    TinyModel.messages(40)
        .forEach(m -> sms.append(m.label()).append('\t').append(m.text()).append('\n'));
    Files.writeString(dir.resolve("sms.tsv"), sms);
  }

  /** Words in which `@` stands for the directory of the test. */
  private void train(String args) {
    StringWriter err = new StringWriter();
    String all =
        "train --base @/base --data @/sms.tsv --output @/model --per-device-train-batch-size 4"
            + " --learning-rate 0.01 "
            + args;
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(all.replace("@", dir.toString()).split(" "));
    assertThat(exit).as(err.toString()).isZero();
  }

  private ObjectNode read(String file) throws IOException {
    return JsonFile.read(output.resolve(file));
  }

  private static List<String> names(ObjectNode json) {
    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** The values of a key over the rows of the log. */
  private List<Double> logged(String key) throws IOException {
    List<Double> values = new ArrayList<>();
    for (JsonNode row : read(TrainerState.FILE_NAME).get("log_history")) {
      if (row.has(key)) {
        values.add(row.get(key).doubleValue());
      }
    }
    return values;
  }

  @Test
  void resultsAreThoseOfTheBestModel() throws IOException {
    train("--max-steps 9 --eval-steps 3");

    assertThat(names(read("train_results.json")))
        .containsExactlyInAnyOrder(
            "epoch",
            "total_flos",
            "train_loss",
            "train_runtime",
            "train_samples_per_second",
            "train_steps_per_second");
    ObjectNode eval = read("eval_results.json");
    assertThat(names(eval)).contains("epoch", "eval_accuracy", "eval_f1", "eval_runtime");
    ObjectNode state = read(TrainerState.FILE_NAME);
    assertThat(eval.get("eval_loss")).isEqualTo(state.get("best_metric"));
    ObjectNode test = read("test_results.json");
    assertThat(names(test)).contains("test_loss", "test_accuracy");

    ObjectNode together = JsonFile.parse("{}");
    together.setAll(read("train_results.json"));
    together.setAll(eval);
    together.setAll(test);
    assertThat(JsonFile.text(read("all_results.json"))).isEqualTo(JsonFile.text(together));

    assertThat(output.resolve("training_metrics.pdf")).isNotEmptyFile();
    assertThat(output.resolve("training_metrics.png")).isNotEmptyFile();
    assertThat(out.toString())
        .contains("28 to train, 4 to validate, 8 to test")
        .contains("best eval_loss ");
    List<String> predictions = Files.readAllLines(output.resolve("predictions.csv"));
    assertThat(predictions)
        .hasSize(9)
        .first()
        .isEqualTo("text,label,prediction,probability_ham,probability_spam");
    long right =
        predictions.stream().skip(1).map(l -> l.split(",")).filter(r -> r[1].equals(r[2])).count();
    assertThat(test.get("test_accuracy").doubleValue()).isEqualTo(right / 8.0);
    try (Stream<Path> files = Files.list(output)) {
      assertThat(
              files.map(f -> f.getFileName().toString()).filter(n -> n.startsWith("checkpoint-")))
          .containsExactly("checkpoint-" + state.get("best_global_step").asInt());
    }
  }

  @Test
  void trainAccuracyIsLoggedUnlessItIsSpared() throws IOException {
    train("--max-steps 4 --eval-steps 2");
    assertThat(logged("train_accuracy")).hasSize(2).allMatch(a -> a >= 0 && a <= 1);
    train("--max-steps 4 --eval-steps 2 --no-train-accuracy");
    assertThat(logged("eval_accuracy")).hasSize(2);
    assertThat(logged("train_accuracy")).isEmpty();
  }

  @Test
  void withoutEvaluationThereAreTheLastWeightsAndTheirResults() throws IOException {
    train("--max-steps 2 --eval-strategy no");
    assertThat(logged("eval_loss")).isEmpty();
    assertThat(output.resolve("checkpoint-2")).isDirectory();
    assertThat(output.resolve("eval_results.json")).isNotEmptyFile();
    assertThat(out.toString()).doesNotContain("best ");
  }

  @Test
  void endsEarlyIfToldTo() throws IOException {
    // No metric is better by so much.
    train("--max-steps 20 --eval-steps 1 --early-stopping-patience 2 --early-stopping-threshold 9");
    assertThat(read(TrainerState.FILE_NAME).get("global_step").intValue()).isEqualTo(3);
  }

  @Test
  void epochsAndAnotherMetric() throws IOException {
    train(
        "--num-train-epochs 2 --eval-strategy epoch --logging-strategy epoch"
            + " --metric-for-best-model f1 --save-total-limit 5 --logging-first-step true");
    // 28 messages: 7 steps an epoch.
    assertThat(logged("eval_loss")).hasSize(2);
    assertThat(logged("loss")).hasSize(3);
    assertThat(output.resolve("checkpoint-7")).isDirectory();
    assertThat(output.resolve("checkpoint-14")).isDirectory();
    assertThat(out.toString()).contains("best eval_f1 ");
  }

  @Test
  void lossesWithWeightsAndSmoothingAreOthers() throws IOException {
    train("--max-steps 1");
    double plain = logged("eval_loss").get(0);
    train("--max-steps 1 --class-weights 1,5");
    double weighted = logged("eval_loss").get(0);
    train("--max-steps 1 --label-smoothing-factor 0.5");
    assertThat(logged("eval_loss").get(0)).isNotEqualTo(plain).isNotEqualTo(weighted);
    assertThat(weighted).isNotEqualTo(plain);
  }

  @Test
  void resourcesAndEventFilesIfAskedFor() throws IOException {
    train("--max-steps 2 --log-resources --report-to tensorboard --logging-dir @/events");
    assertThat(out.toString()).containsPattern("step 2  heap \\d+ MB  off-heap \\d+ MB  process");
    try (Stream<Path> files = Files.list(dir.resolve("events"))) {
      assertThat(files).isNotEmpty().allMatch(f -> f.toString().contains("tfevents"));
    }
  }

  @Test
  void theOutputMayBeNamedInTheArgumentFile() throws IOException {
    Path args = dir.resolve("args.json");
    JsonFile.write(
        args,
        JsonFile.parse("{\"max_steps\": 1, \"lora_r\": 2}")
            .put("output_dir", dir.resolve("elsewhere").toString()));
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .execute(
                "train --base @/base --data @/sms.tsv --args @/args.json"
                    .replace("@", dir.toString())
                    .split(" "));
    assertThat(exit).isZero();
    assertThat(dir.resolve("elsewhere/adapter_model.safetensors")).isNotEmptyFile();
    assertThat(output).doesNotExist();
  }
}
