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
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gpt2j.training.Classification;
import org.gpt2j.training.TextClassifier;
import org.gpt2j.training.TinyModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
  void aByteOrderMarkIsNoText() throws IOException {
    assertThat(runWithInput("\uFEFFone\rtwo\n")).isZero();
    assertThat(texts()).containsExactly("one", "two");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
  void aByteOrderMarkSaysTheEncoding(String charset) throws IOException {
    String input = "\uFEFFone \u00e9\r\n\r\ntwo \uD83D\uDE00";
    assertThat(runWithInput(input.getBytes(Charset.forName(charset)))).isEqualTo(1);
    assertThat(texts()).containsExactly("one \u00e9", "two \uD83D\uDE00");
    assertThat(err.toString().lines())
        .containsExactly("error: line 2: expected a text, found an empty line; skipped");
  }

  @Test
  void inputThatIsNoTextIsRefused() {
    byte[] half = "\uFEFFone".getBytes(StandardCharsets.UTF_16LE);
    assertThat(runWithInput(Arrays.copyOf(half, half.length - 1))).isEqualTo(1);
    assertThat(runWithInput(new byte[] {0x1F, (byte) 0x8B, 8, 0})).isEqualTo(1);
    assertThat(runWithInput("one".getBytes(StandardCharsets.UTF_16LE))).isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines())
        .containsExactly(
            "error: standard input: expected UTF-16LE, as its byte order mark says, found bytes"
                + " that are none",
            "error: standard input: expected text, found a gzip file: unpack it with gunzip",
            "error: line 1: expected UTF-8 text, found a NUL character (is it UTF-16?); skipped");
  }

  @Test
  void aPageMayBeAText() throws IOException {
    assertThat(runWithInput("<html>\n")).isZero();
    assertThat(texts()).containsExactly("<html>");
  }

  /** A text that looks like a second row, with other columns, in a colour. */
  @Test
  void aTextForgesNoRow() {
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute("classify", "--model", model.toString(), "hi\nspam\t1.0\tyou\u001b[31m\r");
    assertThat(exit).isZero();
    assertThat(out.toString().lines())
        .singleElement()
        .asString()
        .matches("(ham|spam)\\t0\\.\\d{4}\\thi\\\\nspam\\\\t1\\.0\\\\tyou\\\\u001b\\[31m\\\\r");
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
