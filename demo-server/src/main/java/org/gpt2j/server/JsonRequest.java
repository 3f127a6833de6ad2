package org.gpt2j.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.JsonFile;

/**
 * A body that is one JSON object (RFC 8259, so without NaN) of keys that it may have. It is read as
 * a stream and no further than to its first fault, so that it never takes much more memory than its
 * bytes.
 */
final class JsonRequest {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          // Names of strangers are not kept.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Limits.CHARACTERS).build())
          .build();

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final Map<String, Object> values;

  private JsonRequest(Map<String, Object> values) {
    this.values = values;
  }

  /**
   * Reads a call's body.
   *
   * @param keys that it may have, and how their values are read
   */
  static JsonRequest read(Call call, BodyReader bodies, Map<String, JsonValue> keys)
      throws IOException, ApiException {
    MediaType.ofBody(call, MediaType::isJson, "application/json in UTF-8");
    return bodies.read(call, body -> parse(body, keys));
  }

  /** Takes a body apart. */
  static JsonRequest parse(InputStream body, Map<String, JsonValue> keys)
      throws ApiException, IOException {
    try (JsonParser parser = FACTORY.createParser(utf8(body))) {
      return new JsonRequest(object(parser, keys));
    } catch (CharacterCodingException e) {
      throw new ApiException(ErrorCode.INVALID_UTF8, "The body is not valid UTF-8.");
    } catch (JsonProcessingException e) {
      throw invalidJson(JsonFile.sentence(e));
    }
  }

  /** Its characters, without a byte order mark. */
  private static Reader utf8(InputStream body) throws ApiException, IOException {
    PushbackInputStream in = new PushbackInputStream(body, BYTE_ORDER_MARK.length);
    byte[] head = in.readNBytes(BYTE_ORDER_MARK.length);
    if (isUtf16(head)) {
      throw new ApiException(
          ErrorCode.INVALID_UTF8, "The body: expected UTF-8, found UTF-16 or UTF-32.");
    }
    if (!Arrays.equals(head, BYTE_ORDER_MARK)) {
      in.unread(head);
    }
    return new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder());
  }

  /** By its byte order mark, or the zeros in which JSON's first characters then have. */
  private static boolean isUtf16(byte[] head) {
    if (head.length < 2) {
      return false;
    }
    int first = (head[0] & 0xff) << 8 | head[1] & 0xff;
    return first == 0xfeff || first == 0xfffe || head[0] == 0 || head[1] == 0;
  }

  private static Map<String, Object> object(JsonParser parser, Map<String, JsonValue> keys)
      throws ApiException, IOException {
    JsonToken first = parser.nextToken();
    if (first != JsonToken.START_OBJECT) {
      String found = first == null ? "an empty text" : JsonValue.name(first);
      throw invalidJson("expected a JSON object, found " + found);
    }
    Map<String, Object> values = new HashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      JsonValue value = keys.get(key);
      if (value == null) {
        String known = String.join(", ", keys.keySet().stream().sorted().toList());
        throw invalid("expected the keys " + known + ", found " + ApiException.quoted(key) + ".");
      }
      if (values.containsKey(key)) {
        throw new JsonParseException(parser, "Duplicate field '" + key + "'");
      }
      parser.nextToken();
      values.put(key, value.read(key, parser));
    }
    if (parser.nextToken() != null) {
      throw new JsonParseException(parser, "Unexpected text after the value");
    }
    return values;
  }

  private static ApiException invalidJson(String message) {
    return new ApiException(
        ErrorCode.INVALID_JSON, "The body: " + ApiException.quoted(message) + ".");
  }

  static ApiException invalid(String message) {
    return new ApiException(ErrorCode.INVALID_REQUEST, message);
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** Whether a flag is there and true. */
  boolean flag(String key) {
    return Boolean.TRUE.equals(values.get(key));
  }

  /** A whole number, null if there is none. */
  Long integer(String key) {
    return (Long) values.get(key);
  }

  /** A number, null if there is none. */
  Double number(String key) {
    return (Double) values.get(key);
  }

  /** A text, null if there is none. */
  String text(String key) {
    return (String) values.get(key);
  }

  /** An array of texts, null if there is none. */
  @SuppressWarnings("unchecked") // what JsonValue.texts reads is nothing else
  List<String> texts(String key) {
    return (List<String>) values.get(key);
  }
}
