package org.gpt2j.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Strict reading of JSON files: no duplicate keys, nothing after the value. */
final class Json {
  private Json() {}

  static ObjectNode newObject() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The object that a file holds. */
  static JsonNode readObject(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    JsonNode node;
    try {
      node = JsonTree.read(bytes);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
      throw new TokenizerFormatException(
          file + ": not valid JSON" + where + ": " + firstLine(e.getOriginalMessage()), e);
    } catch (IOException e) { // bytes that are no text
      throw new TokenizerFormatException(
          file + ": not valid JSON: " + firstLine(e.getMessage()), e);
    }
    if (!node.isObject()) {
      throw new TokenizerFormatException(file + ": expected a JSON object, found " + kind(node));
    }
    return node;
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

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }

  private static String kind(JsonNode node) {
    return node.isMissingNode() ? "an empty file" : node.getNodeType().toString();
  }
}
