package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.gpt2j.io.JsonFile;
import org.gpt2j.io.KeyTable;
import org.gpt2j.io.Printable;

/** A tokenizer's JSON files: {@link JsonFile} with this module's exception. */
final class Json {
  private Json() {}

  static ObjectNode newObject() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The object that a file holds. */
  static ObjectNode readObject(Path file) throws IOException {
    try {
      return JsonFile.read(file);
    } catch (IOException e) {
      throw new TokenizerFormatException(e.getMessage(), e);
    }
  }

  /** An object of the file, or an empty one where there is none. */
  static ObjectNode getObject(Path file, String key, JsonNode value)
      throws TokenizerFormatException {
    if (isAbsent(value)) {
      return newObject();
    }
    if (value instanceof ObjectNode object) {
      return object;
    }
    throw wrong(file, key, "an object", value);
  }

  static boolean getBoolean(Path file, JsonNode object, String key, boolean otherwise)
      throws TokenizerFormatException {
    JsonNode value = object.path(key);
    if (isAbsent(value)) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw wrong(file, key, "true or false", value);
    }
    return value.booleanValue();
  }

  static String getText(Path file, String key, JsonNode value, String otherwise)
      throws TokenizerFormatException {
    if (isAbsent(value)) {
      return otherwise;
    }
    if (!value.isTextual()) {
      throw wrong(file, key, "a string", value);
    }
    return value.textValue();
  }

  /** Right or Left, in any case: tokenizers writes them large, transformers small. */
  static Optional<Side> side(Path file, String key, JsonNode value)
      throws TokenizerFormatException {
    String text = getText(file, key, value, null);
    for (Side side : Side.values()) {
      if (side.name().equalsIgnoreCase(text)) {
        return Optional.of(side);
      }
    }
    if (text != null) {
      throw wrong(file, key, "right or left", value);
    }
    return Optional.empty();
  }

  static int id(Path file, String key, JsonNode value) throws TokenizerFormatException {
    if (!value.isInt() || value.intValue() < 0) {
      throw wrong(file, key, "an id of 0 or more", value);
    }
    return value.intValue();
  }

  /**
   * The steps of a part of {@code tokenizer.json} such as the normalizer: those listed where it is
   * a Sequence, else itself, or none where it is null.
   *
   * @param list the key under which a Sequence lists its steps
   */
  static Iterable<JsonNode> sequence(Path file, String key, JsonNode node, String list)
      throws TokenizerFormatException {
    if (isAbsent(node)) {
      return List.of();
    }
    if (!getText(file, key + ".type", node.path("type"), "nothing").equals("Sequence")) {
      return List.of(node);
    }
    JsonNode steps = node.path(list);
    if (!steps.isArray()) {
      throw wrong(file, key + "." + list, "a list", steps);
    }
    return steps;
  }

  /** Refuses keys that the table refuses, and warns of those that it does not know. */
  static void check(Path file, String part, KeyTable keys, JsonNode node)
      throws TokenizerFormatException {
    if (!(node instanceof ObjectNode object)) {
      return; // whoever reads it says what was expected
    }
    String where = part.isEmpty() ? file.toString() : file + ": " + part;
    try {
      keys.check(where, object);
    } catch (IllegalArgumentException e) {
      throw new TokenizerFormatException(where + ": " + e.getMessage(), e);
    }
  }

  /** A null in the file counts as a missing key. */
  static boolean isAbsent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  static TokenizerFormatException wrong(Path file, String key, String expected, JsonNode found) {
    String text = found.isMissingNode() ? "nothing" : found.toString();
    return new TokenizerFormatException(
        file + ": key \"" + shown(key) + "\": expected " + expected + ", found " + shown(text));
  }

  static TokenizerFormatException notSupported(
      Path file, String key, String expected, String found) {
    return new TokenizerFormatException(
        String.format(
            "%s: %s is %s, only %s is supported", file, shown(key), shown(found), expected));
  }

  /** A file's text for a message: in one line, and not much of it. */
  static String shown(String text) {
    String start = text.length() > 80 ? text.substring(0, 80) + "..." : text;
    return Printable.line(start);
  }
}
