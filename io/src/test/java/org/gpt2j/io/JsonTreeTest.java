package org.gpt2j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same trees as Jackson's own, but stricter. */
class JsonTreeTest {
  private static JsonNode read(String text) throws IOException {
    return JsonTree.read(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "\"text\"",
        "17",
        " ",
        "{\"a\": 1, \"b\": -2147483648, \"c\": 2147483648, \"d\": 9223372036854775808, \"e\": 1e30}",
        "{\"a\": 0.1, \"b\": 1e-05, \"c\": -0.0, \"d\": 1.0, \"e\": 123456789.123456789}",
        "{\"a\": {\"b\": [1, [2, {\"c\": [null, true, false, \"x\"]}], []]}, \"d\": {}}",
        "{\"\u0120gr\u00fc\u00dfe\": \"\\u00e9\\ud83d\\ude00 \uD83D\uDE00 \\n \\\"\", \"\": \"\"}"
      })
  void readsWhatAMapperReads(String text) throws IOException {
    JsonNode expected = new ObjectMapper().readTree(text);
    assertThat(read(text)).isEqualTo(expected).hasSameClassAs(expected);
    assertThat(read(text).toString()).isEqualTo(expected.toString());
  }

  /** Python's json.dumps writes these three for floats that are no numbers. */
  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "-Infinity"})
  void readsPythonsNumbers(String text) throws IOException {
    assertThat(read("{\"x\": " + text + "}").get("x").doubleValue())
        .isEqualTo(Double.valueOf(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\": 1, \"b\": 2, \"a\": 3} | Duplicate field 'a'",
        "{\"x\": [{\"a\": null, \"a\": 1}]} | Duplicate field 'a'",
        "{} {} | Unexpected text after the value",
        "{\"a\": 1}] | Unexpected close marker",
        "{\"a\": [1, 2 | Unexpected end-of-input",
        "{\"a\" 1} | Unexpected character",
        "{\"a\": 01} | Invalid numeric value"
      })
  void refusesWhatIsNotOneValue(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining(message);
  }

  /** Advice to who programs with Jackson is none to who wrote the file. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[NaN] | Non-standard token 'NaN'",
        "{ // no | Unexpected character ('/' (code 47)): maybe a (non-standard) comment?"
      })
  void sentencesAreForUsers(String text, String sentence) {
    assertThatThrownBy(() -> new ObjectMapper().readTree(text))
        .isInstanceOfSatisfying(
            JsonProcessingException.class,
            e ->
                assertThat(JsonFile.sentence(e))
                    .isEqualTo("not valid JSON in line 1: " + sentence));
  }
}
