package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.GenerationConfig;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.WeightType;
import org.gpt2j.training.TextGenerator;
import org.gpt2j.training.TinyModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class GenerateCommandTest {
  @TempDir static Path model;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void save() throws IOException {
    TinyModel.saveBase(model);
  }

  private int run(String... options) {
    List<String> args = new ArrayList<>(List.of("generate"));
    if (!List.of(options).contains("--model")) {
      args.addAll(List.of("--model", model.toString()));
    }
    args.addAll(List.of(options));
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args.toArray(String[]::new));
  }

  private int runWithInput(String input, String... options) {
    InputStream stdin = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      return run(options);
    } finally {
      System.setIn(stdin);
    }
  }

  private List<JsonNode> results() throws IOException {
    List<JsonNode> results = new ArrayList<>();
    for (String line : out.toString().lines().toList()) {
      JsonNode json = new ObjectMapper().readTree(line);
      assertThat(json.properties().stream().map(e -> e.getKey()))
          .containsExactly("prompt", "text", "token_ids");
      results.add(json);
    }
    return results;
  }

  private static String continuation(String prompt, GenerationConfig config) throws IOException {
    try (TextGenerator generator = TextGenerator.load(model.toString(), null)) {
      return generator.generate(prompt, config).text();
    }
  }

  @Test
  void oneTextIsPrintedWithItsContinuation() throws IOException {
    assertThat(run("--max-new-tokens", "6", "see you")).isZero();
    GenerationConfig greedy = GenerationConfig.builder().maxNewTokens(6).build();
    assertThat(out.toString())
        .isEqualTo("see you" + continuation("see you", greedy) + System.lineSeparator());
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void optionsAreThoseOfTheLibrary() throws IOException {
    assertThat(
            run(
                "--max-new-tokens=7",
                "--do-sample",
                "--temperature=1.5",
                "--top-k=30",
                "--top-p=0.9",
                "--seed=5",
                "--repetition-penalty=1.2",
                "see you"))
        .isZero();
    GenerationConfig config =
        GenerationConfig.builder()
            .maxNewTokens(7)
            .doSample(true)
            .temperature(1.5)
            .topK(30)
            .topP(0.9)
            .seed(5)
            .repetitionPenalty(1.2)
            .build();
    String expected = continuation("see you", config);
    assertThat(out.toString()).isEqualTo("see you" + expected + System.lineSeparator());
    assertThat(continuation("see you", config.toBuilder().seed(6).build())).isNotEqualTo(expected);
  }

  /** A directory of the model's files and a generation_config.json beside them. */
  private static Path withGenerationConfig(Path dir, String json) throws IOException {
    Files.createDirectories(dir);
    try (var files = Files.list(model)) {
      for (Path file : files.toList()) {
        Files.copy(file, dir.resolve(file.getFileName()));
      }
    }
    Files.writeString(dir.resolve("generation_config.json"), json.replace('\'', '"'));
    return dir;
  }

  private int runModel(Path dir, String... arguments) {
    List<String> words = new ArrayList<>(List.of("generate", "--json", "--model", dir.toString()));
    words.addAll(List.of(arguments));
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(words.toArray(String[]::new));
  }

  @Test
  void theModelsOwnGenerationConfigIsObeyed(@TempDir Path dir) throws IOException {
    GenerationConfig own =
        GenerationConfig.builder().maxNewTokens(4).repetitionPenalty(1.5).eosTokenId().build();
    Path other =
        withGenerationConfig(
            dir.resolve("model"), "{'max_new_tokens': 4, 'repetition_penalty': 1.5}");
    assertThat(runModel(other, "see you")).isZero();
    assertThat(runModel(other, "--max-new-tokens=9", "--repetition-penalty=1", "see you")).isZero();
    assertThat(results().stream().map(r -> r.get("text").textValue()))
        .containsExactly(
            continuation("see you", own),
            continuation("see you", own.toBuilder().maxNewTokens(9).repetitionPenalty(1).build()));
  }

  @Test
  void theOptionsOfSamplingGoByWhatIsInEffect(@TempDir Path dir) throws IOException {
    GenerationConfig own =
        GenerationConfig.builder()
            .maxNewTokens(8)
            .doSample(true)
            .topK(3)
            .temperature(1.5)
            .eosTokenId()
            .build();
    Path other =
        withGenerationConfig(
            dir.resolve("model"),
            "{'max_new_tokens': 8, 'do_sample': true, 'top_k': 3, 'temperature': 1.5}");
    assertThat(runModel(other, "see you")).isZero();
    assertThat(runModel(other, "--top-k=30", "--seed=5", "see you")).isZero();
    assertThat(runModel(other, "--no-do-sample", "see you")).isZero();
    assertThat(results().stream().map(r -> r.get("text").textValue()))
        .containsExactly(
            continuation("see you", own),
            continuation("see you", own.toBuilder().topK(30).seed(5).build()),
            continuation("see you", own.toBuilder().doSample(false).build()));
    assertThat(runModel(other, "--no-do-sample", "--top-k=30", "see you")).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly("error: --top-k: expected --do-sample beside it, found greedy decoding");
  }

  @Test
  void anOptionOfTheModelThatIsNotSupportedIsNamed(@TempDir Path dir) throws IOException {
    Path other = withGenerationConfig(dir.resolve("model"), "{'num_beams': 4}");
    assertThat(runModel(other, "see you")).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: "
                + other.resolve("generation_config.json")
                + ": num_beams: this option is not supported, found 4");
  }

  @Test
  void weightsCanBeRounded() throws IOException {
    try (TextGenerator generator = TextGenerator.load(model.toString(), null, WeightType.INT8)) {
      GenerationConfig config = GenerationConfig.builder().maxNewTokens(50).build();
      assertThat(run("--weights", "int8", "--json", "see you")).isZero();
      assertThat(results().get(0).get("text").textValue())
          .isEqualTo(generator.generate("see you", config).text());
    }
  }

  @Test
  void severalTextsAndSeveralContinuationsOfEach() throws IOException {
    assertThat(run("--json", "--do-sample", "--num-return-sequences=2", "see you", "")).isZero();
    List<JsonNode> results = results();
    assertThat(results.stream().map(r -> r.get("prompt").textValue()))
        .containsExactly("see you", "see you", "", "");
    assertThat(results.get(0).get("text")).isNotEqualTo(results.get(1).get("text"));
    assertThat(results).allMatch(r -> !r.get("token_ids").isEmpty());
  }

  @Test
  void eachLineIsAText() throws IOException {
    int exit = runWithInput("one\n\ntwo \uD83D\uDE00\n", "--json", "--max-new-tokens=3");
    assertThat(exit).isEqualTo(1);
    assertThat(results().stream().map(r -> r.get("prompt").textValue()))
        .containsExactly("one", "two \uD83D\uDE00");
    assertThat(err.toString().lines())
        .containsExactly("error: line 2: expected a text, found an empty line; skipped");
  }

  @Test
  void noLineIsNoError() {
    assertThat(runWithInput("")).isZero();
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aStopTextIsNotPrinted() throws IOException {
    GenerationConfig greedy = GenerationConfig.builder().maxNewTokens(12).build();
    String whole = continuation("see you", greedy);
    String stop = whole.substring(2, 4);
    assertThat(run("--max-new-tokens=12", "--stop", stop, "--stop", "never", "see you")).isZero();
    String expected = "see you" + whole.substring(0, whole.indexOf(stop));
    assertThat(out.toString()).isEqualTo(expected + System.lineSeparator());
  }

  /** Each piece is written out as soon as it is there. */
  @Test
  void aSingleTextIsStreamed() {
    List<Integer> flushed = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    Writer writer =
        new Writer() {
          @Override
          public void write(char[] chars, int from, int n) {
            text.append(chars, from, n);
          }

          @Override
          public void flush() {
            flushed.add(text.length());
          }

          @Override
          public void close() {}
        };
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(writer))
            .execute("generate", "--model", model.toString(), "--max-new-tokens", "8", "see you");
    assertThat(exit).isZero();
    assertThat(flushed.stream().distinct().count()).isGreaterThan(5);
  }

  @Test
  void aReaderThatIsGoneEndsTheWork() {
    int[] written = new int[1];
    Writer writer =
        new Writer() {
          @Override
          public void write(char[] chars, int from, int n) throws IOException {
            written[0]++;
            throw new IOException("gone");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(writer))
            .setErr(new PrintWriter(err))
            .execute("generate", "--model", model.toString(), "see you");
    assertThat(exit).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly("error: standard output: cannot be written to");
    assertThat(written[0]).isEqualTo(1);
  }

  /** What the jar brings has read prose, and goes on with some. */
  @Test
  void theBundledModelGoesOn() {
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute("generate", "--max-new-tokens", "12", "--do-sample", "Once upon a time,");
    assertThat(exit).as(err.toString()).isZero();
    assertThat(out.toString()).startsWith("Once upon a time,").hasSizeGreaterThan(30);
    System.out.println(out);
  }

  /** Words of the command line after --model, and what is said. */
  static final List<List<String>> IMPOSSIBLE =
      List.of(
          List.of("--max-new-tokens 0 hello", "max_new_tokens: expected at least 1, found 0"),
          List.of(
              "--do-sample --temperature 0 hello",
              "temperature: expected a number above 0, found 0.0"),
          List.of(
              "--top-k 5 hello", "--top-k: expected --do-sample beside it, found greedy decoding"),
          List.of(
              "--seed 5 hello", "--seed: expected --do-sample beside it, found greedy decoding"),
          List.of(
              "--do-sample --num-return-sequences 0 hello",
              "--num-return-sequences: expected at least 1, found 0"),
          List.of(
              "hello 01234567890123456789012345678901234567890123456789",
              "prompt 2: expected 1 to 31 tokens, so that one more fits into n_positions, found"
                  + " 50"),
          List.of(
              "--base gpt2 hello",
              "base: expected an adapter that it is the base of, found the whole model "));

  @ParameterizedTest
  @FieldSource("IMPOSSIBLE")
  void impossibleWishesAreNamed(List<String> argumentsAndSentence) {
    assertThat(run(argumentsAndSentence.get(0).split(" "))).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("error: " + argumentsAndSentence.get(1));
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void modelsThatAreNoneAreNamed(@TempDir Path dir) throws IOException {
    Path missing = dir.resolve("missing");
    assertThat(run("--model", missing.toString(), "hello")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("error: base model: expected an existing directory or a hub name")
        .contains(missing.toString());
    err.getBuffer().setLength(0);

    Gpt2ForSequenceClassification classifier = TinyModel.classifier();
    LoraConfig.Builder lora = LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS);
    LoraModel.apply(classifier, lora.baseModelNameOrPath(model.toString()).build(), 1)
        .savePretrained(dir);
    assertThat(run("--model", dir.toString(), "hello")).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: "
                + dir.resolve("adapter_config.json")
                + ": task_type: SEQ_CLS does not fit a Gpt2LMHeadModel");
  }
}
