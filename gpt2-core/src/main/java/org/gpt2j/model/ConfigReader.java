package org.gpt2j.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Typed access to a JSON object; every wrong type or range is refused by key name. */
record ConfigReader(ObjectNode json) {

  boolean has(String key) {
    return json.has(key);
  }

  /** An integer of at least 1. */
  int size(String key, int defaultValue) {
    JsonNode node = json.get(key);
    if (node == null) {
      return defaultValue;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
      throw refuse(key, "an integer of at least 1");
    }
    return node.intValue();
  }

  /**
   * A size of at least 1 that a file may have under another library's name too.
   *
   * @param alias that name
   */
  int size(String key, String alias, int defaultValue) {
    int value = size(key, size(alias, defaultValue));
    if (has(alias) && size(alias, 1) != value) {
      throw refuse(alias, key + "'s value " + value);
    }
    return value;
  }

  /** Token ids: one, a list of them, or none where the key is missing or null. */
  int[] tokenIds(String key) {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      return new int[0];
    }
    List<JsonNode> items = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(items::add);
    } else {
      items.add(node);
    }
    for (JsonNode item : items) {
      if (!item.isIntegralNumber() || !item.canConvertToInt()) {
        throw refuse(key, "a token id, a list of token ids or null");
      }
    }
    // -1 stands for none in some files, and no token has such an id.
    return items.stream().mapToInt(JsonNode::intValue).filter(id -> id >= 0).toArray();
  }

  boolean isZero(String key) {
    JsonNode node = json.get(key);
    return node != null && node.isNumber() && node.doubleValue() == 0;
  }

  /** An integer, or null where the file says null. */
  Integer integerOrNull(String key, Integer defaultValue) {
    JsonNode node = json.get(key);
    if (node == null) {
      return defaultValue;
    }
    if (node.isNull()) {
      return null;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw refuse(key, "an integer or null");
    }
    return node.intValue();
  }

  /** A number with min &lt;= value &lt; below. */
  double number(String key, double defaultValue, double min, double below, String expected) {
    JsonNode node = json.get(key);
    if (node == null) {
      return defaultValue;
    }
    double value = node.doubleValue();
    if (!node.isNumber() || !(value >= min && value < below)) {
      throw refuse(key, expected);
    }
    return value;
  }

  boolean flag(String key, boolean defaultValue) {
    JsonNode node = json.get(key);
    if (node == null) {
      return defaultValue;
    }
    if (!node.isBoolean()) {
      throw refuse(key, "true or false");
    }
    return node.booleanValue();
  }

  /** A string, or null where the key is missing or null. */
  String stringOrNull(String key) {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      return null;
    }
    if (!node.isTextual()) {
      throw refuse(key, "a string or null");
    }
    return node.textValue();
  }

  /**
   * A list of strings, of which a single one may stand alone; empty where the key is missing or
   * null.
   */
  List<String> strings(String key) {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      return List.of();
    }
    if (node.isTextual()) {
      return List.of(node.textValue());
    }
    List<String> strings = new ArrayList<>();
    for (JsonNode item : node) {
      if (!node.isArray() || !item.isTextual()) {
        throw refuse(key, "a list of strings");
      }
      strings.add(item.textValue());
    }
    if (!node.isArray()) {
      throw refuse(key, "a list of strings");
    }
    return List.copyOf(strings);
  }

  /** The fields of an object in file order, or null where the key is missing or null. */
  Map<String, JsonNode> object(String key) {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      return null;
    }
    if (!node.isObject()) {
      throw refuse(key, "an object");
    }
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    node.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    return fields;
  }

  IllegalArgumentException refuse(String key, String expected) {
    JsonNode node = json.get(key);
    String found = node == null ? "nothing" : node.toString();
    if (found.length() > 80) {
      found = found.substring(0, 80) + "...";
    }
    if (node != null && node.getNodeType() == JsonNodeType.STRING) {
      found = "the string " + found;
    }
    return new IllegalArgumentException(key + ": expected " + expected + ", found " + found);
  }
}
