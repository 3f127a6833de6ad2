package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A body is read no further than to its first fault. */
class JsonRequestTest {
  private static final Map<String, JsonValue> KEYS =
      Map.of(
          "text", JsonValue::text,
          "texts", JsonValue.texts(Limits.TEXTS),
          "flag", JsonValue::flag,
          "integer", JsonValue::integer,
          "number", JsonValue::number);

  private static JsonRequest parse(String body) throws Exception {
    return JsonRequest.parse(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), KEYS);
  }

  /** A body that goes on for ever; who reads more than a megabyte of it fails the test. */
  private static final class Endless extends InputStream {
    private final byte[] start;
    private final byte[] item;
    private int position;

    Endless(String start, String item) {
      this.start = start.getBytes(StandardCharsets.UTF_8);
      this.item = item.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public int read() {
      assertThat(position).isLessThan(1 << 20);
      int i = position++;
      return (i < start.length ? start[i] : item[(i - start.length) % item.length]) & 0xff;
    }

    /** As many as are asked for: InputStream's own catches what {@link #read()} throws. */
    @Override
    public int read(byte[] bytes, int offset, int length) {
      for (int i = 0; i < length; i++) {
        bytes[offset + i] = (byte) read();
      }
      return length;
    }
  }

  static Stream<Arguments> endless() {
    return Stream.of(
        Arguments.of("{\"texts\":[", "{},", "texts[0]: expected a text, found object."),
        Arguments.of("{\"texts\":[", "[],", "texts[0]: expected a text, found array."),
        Arguments.of(
            "{\"texts\":[\"a\",", "1,", "texts[1]: expected a text, found another number."),
        Arguments.of("{\"texts\":[", "null,", "texts[0]: expected a text, found null."),
        Arguments.of("{\"texts\":[", "\"\",", "texts: expected at most 256 texts, found more."),
        Arguments.of("{\"text\":\"", "x", "text: expected at most 20000 characters, found more."),
        Arguments.of(
            "{\"texts\":[\"a\",\"", "\\u4f60", "texts[1]: expected at most 20000 characters"),
        Arguments.of(
            "{\"texts\":[", "[", "The body: not valid JSON: Document nesting depth (1001) exceeds"),
        Arguments.of(
            "{\"text\":",
            "{\"a\":",
            "The body: not valid JSON: Document nesting depth (1001) exceeds"),
        Arguments.of("{\"text\":", "9", "The body: not valid JSON: String value length"),
        Arguments.of("{\"", "x", "The body: not valid JSON: String value length"),
        Arguments.of(
            "{\"text\":\"a\",", "\"b\":1,", "expected the keys flag, integer, number, text"),
        Arguments.of("{", "\"text\":\"a\",", "The body: not valid JSON in line 1: Duplicate field"),
        Arguments.of("{}", "{}", "The body: not valid JSON in line 1: Unexpected text"),
        Arguments.of("", "[", "The body: expected a JSON object, found array."));
  }

  @ParameterizedTest
  @MethodSource("endless")
  void stopsAtTheFirstFault(String start, String item, String message) {
    assertThatThrownBy(() -> JsonRequest.parse(new Endless(start, item), KEYS))
        .isInstanceOf(ApiException.class)
        .hasMessageStartingWith(message)
        .message()
        .hasSizeLessThan(300);
  }

  @Test
  void readsTheValues() throws Exception {
    JsonRequest request =
        parse(
            "{\"text\": \"a\\u00e9\", \"texts\": [\"b\", \"\"], \"flag\": true, \"integer\": -7,"
                + " \"number\": 1e2}");
    assertThat(request.text("text")).isEqualTo("a\u00e9");
    assertThat(request.texts("texts")).containsExactly("b", "");
    assertThat(request.flag("flag")).isTrue();
    assertThat(request.integer("integer")).isEqualTo(-7);
    assertThat(request.number("number")).isEqualTo(100);
    assertThat(KEYS.keySet()).allMatch(request::has);
  }

  @Test
  void nothingIsThereThatWasNotSent() throws Exception {
    JsonRequest request = parse("{}");
    assertThat(KEYS.keySet()).noneMatch(request::has);
    assertThat(request.text("text")).isNull();
    assertThat(request.texts("texts")).isNull();
    assertThat(request.flag("flag")).isFalse();
    assertThat(request.integer("integer")).isNull();
    assertThat(request.number("number")).isNull();
  }

  /** Python's json takes and writes them; RFC 8259 does not know them. */
  @Test
  void numbersAreFinite() {
    for (String number : List.of("NaN", "Infinity", "-Infinity", "+1", ".5", "1.", "01", "0x1")) {
      assertThatThrownBy(() -> parse("{\"number\": " + number + "}"))
          .as(number)
          .isInstanceOf(ApiException.class)
          .hasMessageStartingWith("The body: not valid JSON in line 1: ");
    }
  }

  @Test
  void wholeNumbersHave64Bits() throws Exception {
    assertThat(parse("{\"integer\": 9223372036854775807}").integer("integer"))
        .isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(() -> parse("{\"integer\": 9223372036854775808}"))
        .hasMessage("integer: expected a whole number, found another number.");
    assertThatThrownBy(() -> parse("{\"integer\": 1.0}"))
        .hasMessage("integer: expected a whole number, found another number.");
  }

  @Test
  void aByteOrderMarkIsLeftOutOnce() throws Exception {
    assertThat(parse("\ufeff{\"text\": \"\ufeff\"}").text("text")).isEqualTo("\ufeff");
    assertThatThrownBy(() -> parse("\ufeff\ufeff{}")).isInstanceOf(ApiException.class);
    assertThatThrownBy(() -> parse("\ufeff"))
        .hasMessage("The body: expected a JSON object, found an empty text.");
  }
}
