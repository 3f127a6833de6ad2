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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.nn.Backend;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.testing.SharedData;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.TrainerState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program from end to end on the bundled base, as a user calls it. */
class ProgramTest {
  private static final Path SAMPLE = Path.of("../dataset/sample-sms.tsv");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path dir;

  @AfterEach
  void restoreThreads() {
    Backend.setThreads(Runtime.getRuntime().availableProcessors());
  }

  /** Runs a command that must succeed and returns what it printed. */
  private static String run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
    assertThat(exit).as("exit code; stderr: " + err).isZero();
    return out.toString();
  }

  private Path trainOnSample(String name, Object... more) {
    Path output = dir.resolve(name);
    List<Object> args = new ArrayList<>(List.of("train", "--data", SAMPLE, "--output", output));
    args.addAll(List.of(more));
    run(args.toArray());
    return output;
  }

  @Test
  void trainsClassifiesAndEvaluatesOnTheSample() throws IOException {
    Path model =
        trainOnSample("model", "--max-steps", 40, "--eval-steps", 20, "--learning-rate", "1e-3");

    for (String file :
        List.of(
            "adapter_config.json",
            "adapter_model.safetensors",
            "config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "vocab.json",
            "merges.txt",
            "trainer_state.json",
            "train_results.json",
            "eval_results.json",
            "test_results.json",
            "all_results.json",
            "predictions.csv",
            "training_metrics.pdf",
            "training_metrics.png")) {
      assertThat(model.resolve(file)).isNotEmptyFile();
    }
    JsonNode config = MAPPER.readTree(model.resolve("config.json").toFile());
    assertThat(config.get("id2label").toString()).isEqualTo("{\"0\":\"ham\",\"1\":\"spam\"}");
    Gpt2Tokenizer tokenizer = Gpt2Tokenizer.fromPretrained(model);
    assertThat(config.get("pad_token_id").asInt()).isEqualTo(tokenizer.padTokenId().getAsInt());
    JsonNode state = MAPPER.readTree(model.resolve(TrainerState.FILE_NAME).toFile());
    assertThat(state.get("global_step").asInt()).isEqualTo(40);
    assertThat(state.get("log_history").get(0).fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("epoch", "grad_norm", "learning_rate", "loss", "step");

    String text = "Congratulations! You've won a \"free\" prize £1000, call 09061701461 now";
    JsonNode result = MAPPER.readTree(run("classify", "--model", model, "--json", text));
    assertThat(result.get("text").asText()).isEqualTo(text);
    Path home = dir.resolve("home");
    Files.writeString(home, "--model=nowhere");
    assertThat(run("classify", "--model", model, "@" + home)).endsWith("\t@" + home + "\n");
    double[] logits = {
      result.get("logits").get(0).asDouble(), result.get("logits").get(1).asDouble()
    };
    int best = logits[1] > logits[0] ? 1 : 0;
    assertThat(result.get("label").asText()).isEqualTo(best == 1 ? "spam" : "ham");
    double score = 1 / (1 + Math.exp(logits[1 - best] - logits[best]));
    assertThat(result.get("score").asDouble()).isCloseTo(score, within(1e-6));
    assertThat(result.get("token_ids")).hasSize(tokenizer.encode(text).length);

    JsonNode metrics =
        MAPPER.readTree(run("evaluate", "--model", model, "--data", SAMPLE, "--json"));
    assertThat(metrics.get("eval_accuracy").asDouble()).isGreaterThan(0.8);
    assertThat(metrics.get("eval_loss").asDouble()).isBetween(0.0, 0.7);
    JsonNode int8 =
        MAPPER.readTree(
            run("evaluate", "--model", model, "--data", SAMPLE, "--json", "--weights", "int8"));
    assertThat(int8.get("eval_loss").asDouble())
        .isNotEqualTo(metrics.get("eval_loss").asDouble())
        .isCloseTo(metrics.get("eval_loss").asDouble(), within(0.02));
  }

  /** Same seed, same machine, same threads: the same bytes; another seed: others. */
  @Test
  void sameSeedGivesBitIdenticalAdapters() throws IOException {
    Object[] options = {"--max-steps", 6, "--eval-steps", 3, "--dataset", dir.resolve("csv")};
    Path first = trainOnSample("first", options).resolve(LoraModel.WEIGHTS_FILE);
    Path second = trainOnSample("second", options).resolve(LoraModel.WEIGHTS_FILE);
    Path other =
        trainOnSample("other", "--max-steps", 6, "--seed", 7).resolve(LoraModel.WEIGHTS_FILE);

    assertThat(second).hasSameBinaryContentAs(first);
    assertThat(Files.mismatch(first, other)).isNotEqualTo(-1);

    Path csv = dir.resolve("csv");
    run(
        "train",
        "--train-file",
        csv.resolve("train.csv"),
        "--eval-file",
        csv.resolve("validation.csv"),
        "--test-file",
        csv.resolve("test.csv"),
        "--max-steps",
        6,
        "--eval-steps",
        3,
        "--output",
        dir.resolve("from-csv"));
    assertThat(dir.resolve("from-csv").resolve(LoraModel.WEIGHTS_FILE))
        .hasSameBinaryContentAs(first);
  }

  /** Our kernels do not depend on the number of threads; the BLAS may, by rounding only. */
  @Test
  void oneThreadAndTwoDifferByRoundingAtMost() throws IOException {
    Object[] options = {"--max-steps", 6, "--eval-strategy", "no", "--threads"};
    Path one = trainOnSample("one", append(options, 1));
    Path two = trainOnSample("two", append(options, 2));

    double largest = 0;
    try (SafetensorsFile a = SafetensorsFile.open(one.resolve(LoraModel.WEIGHTS_FILE));
        SafetensorsFile b = SafetensorsFile.open(two.resolve(LoraModel.WEIGHTS_FILE))) {
      for (String name : a.names()) {
        float[] x = a.floats(name);
        float[] y = b.floats(name);
        for (int i = 0; i < x.length; i++) {
          largest = Math.max(largest, Math.abs((double) x[i] - y[i]));
        }
      }
    }
    System.out.println("1 against 2 threads: adapters differ by at most " + largest);
    // AdamW moves a weight by at most the learning rate a step, whatever the gradient's rounding.
    assertThat(largest).isLessThan(6 * 1e-4);
  }

  private static Object[] append(Object[] options, Object last) {
    Object[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = last;
    return all;
  }

  @Test
  void initAdapterContinuesFromItsWeights() throws IOException {
    Path first = trainOnSample("first", "--max-steps", 5, "--eval-strategy", "no");
    // At a learning rate of 0 nothing moves.
    Path same =
        trainOnSample(
            "same",
            "--init-adapter",
            first,
            "--max-steps",
            2,
            "--learning-rate",
            0,
            "--eval-strategy",
            "no");
    assertThat(same.resolve(LoraModel.WEIGHTS_FILE))
        .hasSameBinaryContentAs(first.resolve(LoraModel.WEIGHTS_FILE));
  }

  @Test
  void argumentFileIsOverriddenByOptions() throws IOException {
    Path args = dir.resolve("args.json");
    Files.writeString(
        args,
        "{\"max_steps\": 9, \"logging_steps\": 1, \"lora_r\": 2, \"eval_strategy\": \"no\","
            + " \"target_modules\": [\"c_attn\"], \"dropout\": 0}");
    Path model = trainOnSample("model", "--args", args, "--max-steps", 2);

    JsonNode state = MAPPER.readTree(model.resolve(TrainerState.FILE_NAME).toFile());
    assertThat(state.get("global_step").asInt()).isEqualTo(2);
    assertThat(state.get("log_history").get(0).get("learning_rate").asDouble()).isZero();
    JsonNode adapter = MAPPER.readTree(model.resolve("adapter_config.json").toFile());
    assertThat(adapter.get("r").asInt()).isEqualTo(2);
    assertThat(adapter.get("target_modules").toString()).isEqualTo("[\"c_attn\"]");
  }

  @Test
  void fullModeTrainsEveryWeightAndNeedsNoBase() throws IOException {
    Path model = trainOnSample("full", "--mode", "full", "--max-steps", 3, "--eval-strategy", "no");
    assertThat(model.resolve("model.safetensors")).isNotEmptyFile();
    assertThat(model.resolve("adapter_config.json")).doesNotExist();
    String printed = run("classify", "--model", model, "see you at 8", "win cash now");
    assertThat(printed.lines()).hasSize(2).allMatch(l -> l.matches("(ham|spam)\t0\\.\\d{4}\t.*"));
  }

  @Test
  void pretrainsAVocabularyAndAModel() throws IOException {
    Path text = dir.resolve("text.txt");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      lines.append("the cat number ").append(i % 7).append(" sat on the mat of the dog\n");
    }
    Files.writeString(text, lines);
    Path base = dir.resolve("base");
    String printed =
        run(
            "pretrain",
            "--text",
            text,
            "--output",
            base,
            "--vocab-size",
            300,
            "--n-layer",
            2,
            "--n-embd",
            32,
            "--n-head",
            2,
            "--n-positions",
            32,
            "--max-steps",
            60,
            "--learning-rate",
            "5e-3");
    double unigram =
        Double.parseDouble(printed.replaceAll("(?s).*unigram entropy ([0-9.]+) nats.*", "$1"));
    JsonNode history =
        MAPPER.readTree(base.resolve(TrainerState.FILE_NAME).toFile()).get("log_history");
    double last = history.get(history.size() - 2).get("eval_loss").asDouble();
    System.out.println("unigram entropy " + unigram + ", loss of held-out text " + last);
    assertThat(last).isLessThan(unigram / 2);

    Path model = dir.resolve("model");
    run("train", "--base", base, "--data", SAMPLE, "--output", model, "--max-steps", 1);
    assertThat(run("classify", "--base", base, "--model", model, "the cat sat"))
        .endsWith("the cat sat" + System.lineSeparator());
  }

  /** The real collection, two epochs: far better than guessing on unseen messages. */
  @Test
  void learnsTheRealCollection() throws IOException {
    Path data = SharedData.require("data/SMSSpamCollection");
    Path model = dir.resolve("model");
    String printed =
        run(
            "train",
            "--data",
            data,
            "--output",
            model,
            "--num-train-epochs",
            2,
            "--no-train-accuracy",
            "--learning-rate",
            "1e-3");
    System.out.println(printed);
    assertThat(printed).contains("1045 to train, 149 to validate, 300 to test");
    double accuracy =
        Double.parseDouble(printed.replaceAll("(?s).*test_accuracy\\s+([0-9.]+).*", "$1"));
    assertThat(accuracy).isGreaterThan(0.9);
  }
}
