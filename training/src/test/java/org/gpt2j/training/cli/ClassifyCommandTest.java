package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.training.Classification;
import org.gpt2j.training.TextClassifier;
import org.gpt2j.training.TinyModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifyCommandTest {
  @TempDir static Path model;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void save() throws IOException {
    TinyModel.saveClassifier(model);
  }

  private int run(String... texts) {
    List<String> args = new ArrayList<>(List.of("classify", "--json", "--model", model.toString()));
    args.addAll(List.of(texts));
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args.toArray(String[]::new));
  }

  private int runWithInput(byte[] input) {
    InputStream stdin = System.in;
    System.setIn(new ByteArrayInputStream(input));
    try {
      return run();
    } finally {
      System.setIn(stdin);
    }
  }

  private int runWithInput(String input) {
    return runWithInput(input.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> texts() throws IOException {
    List<String> texts = new ArrayList<>();
    for (String line : out.toString().lines().toList()) {
      JsonNode json = new ObjectMapper().readTree(line);
      assertThat(json.properties().stream().map(e -> e.getKey()))
          .containsExactly("text", "label", "score", "logits", "token_ids");
      texts.add(json.get("text").textValue());
    }
    return texts;
  }

  @Test
  void anEmptyTextIsRefused() {
    assertThat(run("hello", "")).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly("error: text 2 of 2 is empty: there is nothing to classify");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void eachArgumentIsAText() throws IOException {
    assertThat(run("see you", "gr\u00fc\u00dfe \uD83D\uDE00")).isZero();
    assertThat(texts()).containsExactly("see you", "gr\u00fc\u00dfe \uD83D\uDE00");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void timingsAreOneLineOnStandardError() throws IOException {
    assertThat(run("--timings", "see you")).isZero();
    assertThat(texts()).containsExactly("see you");
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .matches(
            "timings: JVM \\d+ ms, options \\d+ ms, load \\d+ ms, compute \\d+ ms, together \\d+ ms;"
                + " natives, beside the rest, \\d+ ms");
  }

  @Test
  void eachLineIsATextWhateverItsLineEnd() throws IOException {
    assertThat(runWithInput("one\ntwo \uD83D\uDE00\r\nthree \u00e9")).isZero();
    assertThat(texts()).containsExactly("one", "two \uD83D\uDE00", "three \u00e9");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void anEmptyLineIsSkippedAndSaid() throws IOException {
    assertThat(runWithInput("one\n\nthree\n")).isEqualTo(1);
    assertThat(texts()).containsExactly("one", "three");
    assertThat(err.toString().lines())
        .containsExactly("error: line 2: expected a text, found an empty line; skipped");
  }

  @Test
  void aLineThatIsNoUtf8IsSkippedAndSaid() throws IOException {
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    input.writeBytes("one\n".getBytes(StandardCharsets.UTF_8));
    input.writeBytes("caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    input.writeBytes("three \u00e9\n".getBytes(StandardCharsets.UTF_8));
    assertThat(runWithInput(input.toByteArray())).isEqualTo(1);
    assertThat(texts()).containsExactly("one", "three \u00e9");
    assertThat(err.toString().lines())
        .containsExactly("error: line 2: expected UTF-8 text, found bytes that are none; skipped");
  }

  @Test
  void weightsCanBeRounded() throws IOException {
    assertThat(run("--weights", "int8", "see you")).isZero();
    float logit = new ObjectMapper().readTree(out.toString()).get("logits").get(0).floatValue();
    try (TextClassifier classifier = TextClassifier.load(model)) {
      float expected = classifier.classify("see you").logits()[0];
      assertThat(logit).isNotEqualTo(expected).isCloseTo(expected, within(0.05f));
    }
  }

  @Test
  void noLineIsNoError() throws IOException {
    assertThat(runWithInput("")).isZero();
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void manyLinesGiveWhatTheLibraryGives() throws IOException {
    StringBuilder input = new StringBuilder();
    for (int i = 0; i < 150; i++) {
      input.append("message ").append(i).append('\n');
    }
    assertThat(runWithInput(input.toString())).isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(150);
    try (TextClassifier classifier = TextClassifier.load(model)) {
      for (int i : new int[] {0, 63, 64, 149}) {
        Classification c = classifier.classify("message " + i);
        JsonNode json = new ObjectMapper().readTree(lines.get(i));
        assertThat(json.get("text").textValue()).isEqualTo("message " + i);
        assertThat(json.get("label").textValue()).isEqualTo(c.label());
        assertThat(json.get("logits").get(0).floatValue()).isCloseTo(c.logits()[0], within(1e-5f));
        assertThat(json.get("token_ids").size()).isEqualTo(c.tokenIds().length);
      }
    }
  }

  @Test
  void otherFormsOfWeightsAreRefused() {
    assertThat(run("--weights", "int4", "see you at home")).isEqualTo(2);
    assertThat(err.toString()).contains("--weights").contains("int4").contains("INT8");
  }
}
