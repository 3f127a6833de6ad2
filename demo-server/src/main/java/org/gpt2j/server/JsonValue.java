package org.gpt2j.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads the value of a key, and stops where it is no longer what it may be. */
@FunctionalInterface
interface JsonValue {
  /**
   * Reads the value.
   *
   * @param parser at the value's first token, to be left at its last
   * @throws ApiException if it is another value than it may be
   * @throws IOException if it is not valid
   */
  Object read(String key, JsonParser parser) throws ApiException, IOException;

  /** A text of at most {@link Limits#CHARACTERS}, without halves of surrogate pairs. */
  static String text(String key, JsonParser parser) throws ApiException, IOException {
    require(parser.currentToken() == JsonToken.VALUE_STRING, key, "a text", parser);
    String text;
    try {
      text = parser.getText();
    } catch (StreamConstraintsException e) {
      throw new ApiException(
          ErrorCode.TEXT_TOO_LONG,
          key + ": expected at most " + Limits.CHARACTERS + " characters, found more.");
    }
    // A stream of code points gives a pair as one; what is left of surrogates is halves.
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new ApiException(
          ErrorCode.INVALID_TEXT, key + ": expected Unicode text, found half a surrogate pair.");
    }
    return text;
  }

  /** An array of at most so many texts. */
  static JsonValue texts(int most) {
    return (key, parser) -> {
      require(parser.currentToken() == JsonToken.START_ARRAY, key, "an array of texts", parser);
      List<String> texts = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (texts.size() == most) {
          throw new ApiException(
              ErrorCode.TOO_MANY_TEXTS, key + ": expected at most " + most + " texts, found more.");
        }
        texts.add(text(key + "[" + texts.size() + "]", parser));
      }
      return texts;
    };
  }

  static Boolean flag(String key, JsonParser parser) throws ApiException, IOException {
    require(parser.currentToken().isBoolean(), key, "true or false", parser);
    return parser.getBooleanValue();
  }

  /** A whole number of 64 bits. */
  static Long integer(String key, JsonParser parser) throws ApiException, IOException {
    boolean isLong =
        parser.currentToken() == JsonToken.VALUE_NUMBER_INT
            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    require(isLong, key, "a whole number", parser);
    return parser.getLongValue();
  }

  static Double number(String key, JsonParser parser) throws ApiException, IOException {
    require(parser.currentToken().isNumeric(), key, "a number", parser);
    return parser.getDoubleValue();
  }

  private static void require(boolean isIt, String key, String expected, JsonParser parser)
      throws ApiException, IOException {
    if (isIt) {
      return;
    }
    JsonToken token = parser.currentToken();
    // Read to its end and not kept: what is broken or too deep is called that.
    parser.skipChildren();
    throw JsonRequest.invalid(key + ": expected " + expected + ", found " + name(token) + ".");
  }

  /** What a value that begins with this token is called. */
  static String name(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "object";
      case START_ARRAY -> "array";
      case VALUE_STRING -> "string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "another number";
      case VALUE_TRUE, VALUE_FALSE -> "boolean";
      default -> "null";
    };
  }
}
