package org.gpt2j.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.gpt2j.io.JsonFile;

/** A body that is one JSON object, whose values have the types that they are asked for. */
final class JsonRequest {
  private static final Pattern JSON_TYPE =
      Pattern.compile("application/json\\s*(;\\s*charset\\s*=\\s*\"?utf-8\"?\\s*)?");

  private final ObjectNode json;

  private JsonRequest(ObjectNode json) {
    this.json = json;
  }

  /**
   * Reads a call's body.
   *
   * @param keys that it may have
   */
  static JsonRequest read(Call call, BodyReader bodies, Set<String> keys)
      throws IOException, ApiException {
    String type = call.header("Content-Type");
    // This also keeps pages of other sites out: they may not send this type without asking first.
    if (type == null || !JSON_TYPE.matcher(type.strip().toLowerCase(Locale.ROOT)).matches()) {
      throw new ApiException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "Content-Type: expected application/json in UTF-8, found another.");
    }
    String encoding = call.header("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new ApiException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "Content-Encoding: expected a body that is not compressed, found another.");
    }
    return bodies.read(call, body -> parse(body, keys));
  }

  /** Takes a body apart. */
  static JsonRequest parse(byte[] body, Set<String> keys) throws ApiException {
    ObjectNode json;
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      json = JsonFile.parse(text);
    } catch (CharacterCodingException e) {
      throw new ApiException(ErrorCode.INVALID_UTF8, "The body is not valid UTF-8.");
    } catch (IllegalArgumentException e) {
      throw new ApiException(ErrorCode.INVALID_JSON, "The body: " + oneLine(e.getMessage()) + ".");
    }
    for (var field : json.properties()) {
      if (!keys.contains(field.getKey())) {
        throw new ApiException(
            ErrorCode.INVALID_REQUEST,
            "expected the keys "
                + String.join(", ", keys.stream().sorted().toList())
                + ", found "
                + oneLine(field.getKey())
                + ".");
      }
    }
    return new JsonRequest(json);
  }

  /** A message that may quote the client, without line breaks and at a length that can be read. */
  private static String oneLine(String message) {
    String line = message.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() > 200 ? line.substring(0, 200) + "..." : line;
  }

  boolean has(String key) {
    return json.has(key);
  }

  boolean flag(String key) throws ApiException {
    JsonNode value = value(key, "true or false", JsonNode::isBoolean);
    return value != null && value.booleanValue();
  }

  /** A whole number, null if there is none. */
  Long integer(String key) throws ApiException {
    JsonNode value =
        value(key, "a whole number", v -> v.isIntegralNumber() && v.canConvertToLong());
    return value == null ? null : value.longValue();
  }

  /** A number, null if there is none. */
  Double number(String key) throws ApiException {
    JsonNode value = value(key, "a number", JsonNode::isNumber);
    return value == null ? null : value.doubleValue();
  }

  /** A text, null if there is none. */
  String text(String key) throws ApiException {
    JsonNode value = value(key, "a text", JsonNode::isTextual);
    return value == null ? null : checked(key, value.textValue());
  }

  /** An array of texts, null if there is none. */
  List<String> texts(String key, int most) throws ApiException {
    JsonNode value = value(key, "an array of texts", JsonNode::isArray);
    if (value == null) {
      return null;
    }
    if (value.size() > most) {
      throw new ApiException(
          ErrorCode.TOO_MANY_TEXTS,
          "%s: expected at most %s texts, found %s.".formatted(key, most, value.size()));
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode item : value) {
      String name = key + "[" + texts.size() + "]";
      if (!item.isTextual()) {
        throw wrongType(name, "a text", item);
      }
      texts.add(checked(name, item.textValue()));
    }
    return texts;
  }

  private JsonNode value(String key, String expected, Predicate<JsonNode> type)
      throws ApiException {
    JsonNode value = json.get(key);
    if (value != null && !type.test(value)) {
      throw wrongType(key, expected, value);
    }
    return value;
  }

  private static ApiException wrongType(String key, String expected, JsonNode found) {
    String type =
        found.isNumber() ? "another number" : found.getNodeType().name().toLowerCase(Locale.ROOT);
    return invalid(key + ": expected " + expected + ", found " + type + ".");
  }

  static ApiException invalid(String message) {
    return new ApiException(ErrorCode.INVALID_REQUEST, message);
  }

  private static String checked(String key, String text) throws ApiException {
    if (text.length() > Limits.CHARACTERS) {
      throw new ApiException(
          ErrorCode.TEXT_TOO_LONG,
          "%s: expected at most %s characters, found %s."
              .formatted(key, Limits.CHARACTERS, text.length()));
    }
    // A stream of code points gives a pair as one; what is left of surrogates is halves.
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new ApiException(
          ErrorCode.INVALID_TEXT, key + ": expected Unicode text, found half a surrogate pair.");
    }
    return text;
  }
}
