package org.gpt2j.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.gpt2j.safetensors.SafetensorsFixtures.blob;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Validation of headers. Tests with a name from the reference implementation (tensor.rs, {@code mod
 * tests}, and the attacks folder) check the same property, on files built here.
 */
class SafetensorsHeaderTest {
  private static final String TWO_BY_TWO = tensor("I32", "2,2", "0,16");

  @TempDir Path directory;

  /** A tensor's entry; shape and offsets without brackets. */
  private static String tensor(String dtype, String shape, String offsets) {
    return "{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%s]}"
        .formatted(dtype, shape, offsets);
  }

  private static String header(String tensor) {
    return "{\"test\":" + tensor + "}";
  }

  private SafetensorsFile open(byte[] content) throws IOException {
    return SafetensorsFixtures.open(directory, content);
  }

  /** Every refusal names the file first. */
  private AbstractThrowableAssert<?, ?> assertRefused(byte[] content) {
    return assertThatThrownBy(() -> open(content).close())
        .isInstanceOf(SafetensorsException.class)
        .hasMessageStartingWith(directory.resolve("model.safetensors") + ": ");
  }

  private void assertAccepted(byte[] content, String... names) throws Exception {
    try (SafetensorsFile file = open(content)) {
      assertThat(file.names()).containsExactly(names);
    }
  }

  @Test
  void jsonAttack() {
    String tensors =
        IntStream.range(0, 10)
            .mapToObj(i -> "\"weight_" + i + "\":" + tensor("F32", "2,2", "0,16"))
            .collect(Collectors.joining(","));
    assertRefused(blob("{" + tensors + "}", 16))
        .hasMessageContaining(
            "tensor `weight_1` has invalid data_offsets [0, 16]: expected to begin at 16");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 14, 15, 17, 50})
  void metadataIncompleteBuffer(int dataLength) {
    assertRefused(blob(header(TWO_BY_TWO), dataLength))
        .hasMessageContaining(
            "the tensors cover 16 bytes but " + dataLength + " follow the header");
  }

  @ParameterizedTest
  @ValueSource(longs = {100_000_001L, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -1, -8})
  void headerTooLarge(long length) {
    assertRefused(blob(length, header(TWO_BY_TWO).getBytes(StandardCharsets.UTF_8), 16))
        .hasMessageContaining(
            "the header is too large: " + Long.toUnsignedString(length) + " bytes");
  }

  @Test
  void headerOfTheLargestSizeIsRead() throws Exception {
    byte[] json = new byte[SafetensorsHeader.MAX_LENGTH];
    Arrays.fill(json, (byte) ' ');
    System.arraycopy("{}".getBytes(StandardCharsets.UTF_8), 0, json, 0, 2);
    assertAccepted(blob(json, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void headerTooSmall(int length) {
    assertRefused(new byte[length])
        .hasMessageContaining("the file has " + length + " bytes, too few for the 8 bytes");
  }

  @Test
  void invalidHeaderLength() {
    assertRefused(blob(60, new byte[0], 0))
        .hasMessageContaining("invalid header length: 60 bytes, but only 0 follow");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u00ff",
        "{\"\u00ed\u00a0\u0080\":1}",
        "{\"\u00c0\u0080\":1}",
        "{\"\u00e2\u0082\":1}"
      })
  void invalidHeaderNonUtf8(String latin1) {
    assertRefused(blob(latin1.getBytes(StandardCharsets.ISO_8859_1), 0))
        .hasMessageEndingWith("the header is not valid UTF-8");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"a\"",
        "{\"__metadata__\":{},}",
        "{a:1}",
        "{'a':1}",
        "{}}",
        "{} x",
        "{}{}",
        "{}\0",
        "\ufeff{}",
        "\u00a0{}",
        "{\"a\u0001\":1}",
        "{\"a\":NaN}",
        "{/**/}",
        "{}//",
        "nul",
        "{\"a\":{\"x\":01}}",
        "{\"a\":{\"x\":-}}"
      })
  void invalidHeaderNotJson(String text) {
    assertRefused(blob(text, 0)).hasMessageContaining(": the header ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "[]", "[{}]", "1", "\"x\"", "null", "true"})
  void headerThatIsNotAnObject(String text) {
    assertRefused(blob(text, 0)).hasMessageEndingWith("the header must be a JSON object");
  }

  @Test
  void zeroSizedTensor() throws Exception {
    assertAccepted(blob(header(tensor("I32", "2,0", "0, 0")), 0), "test");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0,4", "0,0", "0,15", "0,17", "0,1000000000000"})
  void invalidInfo(String offsets) {
    assertRefused(blob(header(tensor("I32", "2,2", offsets)), 4))
        .hasMessageContainingAll("tensor `test` has", "dtype I32 need 16");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2,18446744073709551614",
        "2,9223372036854775807",
        "18446744073709551616",
        "4611686018427387904",
        "4294967296,4294967296",
        "4294967296,4294967296,0"
      })
  void validationOverflow(String shape) {
    assertRefused(blob(header(tensor("I32", shape, "0,16")), 16))
        .hasMessageContainingAll("tensor `test`", "too large to count its elements");
  }

  @Test
  void offsetsTooLargeForALong() {
    assertRefused(blob(header(tensor("I32", "2,2", "0,18446744073709551615")), 16))
        .hasMessageContainingAll("tensor `test`", "data_offsets");
  }

  @Test
  void whitespacePaddedHeader() throws Exception {
    assertAccepted(blob("{}\r \t\n", 0));
  }

  /** The README wants the header to begin with a brace; the reference implementation does not. */
  @Test
  void whitespaceStartPaddedHeader() throws Exception {
    assertAccepted(blob("\t\n{}\r ", 0));
  }

  @Test
  void emptyShapesAllowed() throws Exception {
    try (SafetensorsFile file = open(blob(header(tensor("I32", "", "0,4")), 4))) {
      assertThat(file.info("test").shape()).isEmpty();
      assertThat(file.info("test").elementCount()).isOne();
      assertThat(file.floats("test")).containsExactly(0f);
    }
  }

  /** attacks/safetensors_abuse_attempt_1: a header length beyond the file's end. */
  @Test
  void abuseAttempt1() {
    byte[] json = header(TWO_BY_TWO).getBytes(StandardCharsets.UTF_8);
    assertRefused(blob(1000, json, 16)).hasMessageContaining("invalid header length: 1000 bytes");
  }

  /** attacks/safetensors_abuse_attempt_2: a header above the cap, of tensors on the same bytes. */
  @Test
  void abuseAttempt2() {
    byte[] json = sameBytes(1_500_000, "2,2", 16);
    assertThat(json.length).isGreaterThan(SafetensorsHeader.MAX_LENGTH);
    assertRefused(blob(json, 16)).hasMessageContaining("the header is too large");
  }

  /** attacks/safetensors_abuse_attempt_3: many tensors on the same bytes, below the cap. */
  @Test
  void abuseAttempt3() {
    assertRefused(blob(sameBytes(100_000, "200,200", 160_000), 160_000))
        .hasMessageContaining("tensor `weight_1` has invalid data_offsets [0, 160000]");
  }

  private static byte[] sameBytes(int tensors, String shape, int length) {
    StringBuilder json = new StringBuilder("{");
    String entry = "\":" + tensor("F32", shape, "0," + length) + ",";
    for (int i = 0; i < tensors; i++) {
      json.append("\"weight_").append(i).append(entry);
    }
    json.setCharAt(json.length() - 1, '}');
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":"})
  void deepNestingIsRefusedWithoutStackOverflow(String level) {
    assertRefused(blob(header("{\"x\":" + level.repeat(1_000_000)), 0))
        .hasMessageContaining("nesting depth");
    assertRefused(blob(level.repeat(1_000_000), 0));
  }

  static String[] accepted() {
    return new String[] {
      header(TWO_BY_TWO),
      // Fields in any order, unknown fields of any type.
      header(
          "{\"data_offsets\":[0,16],\"shape\":[2,2],\"x\":{\"y\":[1.5,{}]},\"dtype\":\"I32\",\"z\":null}"),
      // Any order of tensors; an empty tensor at the end of another.
      "{\"b\":%s,\"test\":%s}".formatted(tensor("U8", "0", "16,16"), TWO_BY_TWO),
      "{\"__metadata__\":null,\"test\":" + TWO_BY_TWO + "}",
      "{\"__metadata__\":{},\"test\":" + TWO_BY_TWO + "}",
      "{\"test\":" + TWO_BY_TWO + ",\"__metadata__\":{\"a\":\"b\"}}",
      header(tensor("F4", "32", "0,16")),
      header(tensor("F6_E3M2", "4,0", "0,0")).replace("}}", "},\"t\":" + TWO_BY_TWO + "}"),
      "{\"\":" + TWO_BY_TWO + "}",
      "{\"\\u00e9\\ud83d\\ude00\":" + TWO_BY_TWO + "}",
      "{\"" + "n".repeat(200_000) + "\":" + TWO_BY_TWO + "}"
    };
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void accepts(String json) throws Exception {
    try (SafetensorsFile file = open(blob(json, 16))) {
      assertThat(file.names()).isNotEmpty();
      for (String name : file.names()) {
        assertThat(file.bytes(name).remaining()).isEqualTo((int) file.info(name).byteLength());
      }
    }
  }

  @Test
  void namesAreInTheOrderOfTheData() throws Exception {
    String json =
        "{\"c\":%s,\"b\":%s,\"a\":%s}"
            .formatted(
                tensor("U8", "4", "4,8"), tensor("U8", "4", "0,4"), tensor("U8", "0", "4,4"));
    assertAccepted(blob(json, 8), "b", "a", "c");
  }

  static String[][] refused() {
    return new String[][] {
      {header(tensor("i32", "2,2", "0,16")), "unknown dtype `i32`"},
      {header(tensor("F128", "1", "0,16")), "unknown dtype `F128`"},
      {header("{\"dtype\":5,\"shape\":[2,2],\"data_offsets\":[0,16]}"), "a string as dtype"},
      {
        header("{\"dtype\":{\"I32\":null},\"shape\":[2,2],\"data_offsets\":[0,16]}"),
        "a string as dtype"
      },
      {header("{\"shape\":[2,2],\"data_offsets\":[0,16]}"), "lacks the field dtype"},
      {header("{\"dtype\":\"I32\",\"data_offsets\":[0,16]}"), "lacks the field shape"},
      {header("{\"dtype\":\"I32\",\"shape\":[2,2]}"), "lacks the field data_offsets"},
      {header("{}"), "lacks the field dtype"},
      {header("null"), "must be an object"},
      {header("[\"I32\",[2,2],[0,16]]"), "must be an object"},
      {header(tensor("I32", "-2,2", "0,16")), "whole numbers of at least 0 in shape"},
      {header(tensor("I32", "-0", "0,0")), "whole numbers of at least 0 in shape"},
      {header(tensor("I32", "2.0,2", "0,16")), "whole numbers of at least 0 in shape"},
      {header(tensor("I32", "4e0", "0,16")), "whole numbers of at least 0 in shape"},
      {header(tensor("I32", "\"4\"", "0,16")), "whole numbers of at least 0 in shape"},
      {header(tensor("I32", "[4]", "0,16")), "whole numbers of at least 0 in shape"},
      {header(tensor("I32", "null", "0,16")), "whole numbers of at least 0 in shape"},
      {header("{\"dtype\":\"I32\",\"shape\":null,\"data_offsets\":[0,16]}"), "an array as shape"},
      {header("{\"dtype\":\"I32\",\"shape\":4,\"data_offsets\":[0,16]}"), "an array as shape"},
      {header("{\"dtype\":\"I32\",\"shape\":[4],\"data_offsets\":{}}"), "an array as data_offsets"},
      {header(tensor("I32", "2,2", "0,16,16")), "two data_offsets, found 3"},
      {header(tensor("I32", "2,2", "16")), "two data_offsets, found 1"},
      {header(tensor("I32", "2,2", "")), "two data_offsets, found 0"},
      {header(tensor("I32", "2,2", "-1,16")), "whole numbers of at least 0 in data_offsets"},
      {header(tensor("I32", "2,2", "1,17")), "expected to begin at 0"},
      {header(tensor("I32", "0", "0,0").replace("0,0", "16,0")), "invalid data_offsets [16, 0]"},
      {header(tensor("F4", "3", "0,1")), "does not end at a byte boundary"},
      // A hole, an overlap, an end before its begin.
      {two("0,4", "8,16"), "tensor `b` has invalid data_offsets [8, 16]: expected to begin at 4"},
      {two("0,4", "2,10"), "tensor `b` has invalid data_offsets [2, 10]: expected to begin at 4"},
      {two("0,4", "4,2"), "tensor `b` has invalid data_offsets [4, 2]"},
      {"{\"a\":%1$s,\"a\":%1$s}".formatted(TWO_BY_TWO), "Duplicate field 'a'"},
      {
        header("{\"dtype\":\"I32\",\"dtype\":\"I32\",\"shape\":[2,2],\"data_offsets\":[0,16]}"),
        "Duplicate field 'dtype'"
      },
      {"{\"__metadata__\":{\"a\":\"b\",\"a\":\"b\"}}", "Duplicate field 'a'"},
      {"{\"__metadata__\":{},\"__metadata__\":{}}", "Duplicate field '__metadata__'"},
      {"{\"__metadata__\":[]}", "__metadata__ must be an object of strings"},
      {"{\"__metadata__\":\"x\"}", "__metadata__ must be an object of strings"},
      {"{\"__metadata__\":{\"a\":1}}", "__metadata__ entry `a` must be a string"},
      {"{\"__metadata__\":{\"a\":null}}", "__metadata__ entry `a` must be a string"},
      {"{\"__metadata__\":{\"a\":{}}}", "__metadata__ entry `a` must be a string"},
      {"{\"a\\ud800\":" + TWO_BY_TWO + "}", "surrogate"},
      {"{\"__metadata__\":{\"a\":\"\\udc00\"}}", "unpaired surrogate"}
    };
  }

  private static String two(String first, String second) {
    return "{\"a\":%s,\"b\":%s}".formatted(tensor("I32", "1", first), tensor("U8", "8", second));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refuses(String json, String message) {
    assertRefused(blob(json, 16)).hasMessageContaining(message);
  }
}
