package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.gpt2j.io.JsonFile;

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

  /** A null in the file counts as a missing key. */
  static boolean isAbsent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  static TokenizerFormatException wrong(Path file, String key, String expected, JsonNode found) {
    String text = found.isMissingNode() ? "nothing" : found.toString();
    String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
    return new TokenizerFormatException(
        file + ": key \"" + key + "\": expected " + expected + ", found " + shown);
  }
}
