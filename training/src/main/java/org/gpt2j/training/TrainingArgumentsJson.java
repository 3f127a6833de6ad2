package org.gpt2j.training;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The fields of {@link TrainingArguments} as JSON with transformers' keys. */
final class TrainingArgumentsJson {
  private static final PropertyNamingStrategies.SnakeCaseStrategy NAMES =
      new PropertyNamingStrategies.SnakeCaseStrategy();

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(NAMES)
          .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
          .visibility(PropertyAccessor.GETTER, JsonAutoDetect.Visibility.NONE)
          .visibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
          .build();

  private static final Map<String, Class<?>> TYPES = types();
  private static final TrainingArgumentsTable TABLE = new TrainingArgumentsTable(TYPES.keySet());

  private TrainingArgumentsJson() {}

  private static Map<String, Class<?>> types() {
    Map<String, Class<?>> types = new LinkedHashMap<>();
    for (Field field : TrainingArguments.class.getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers())) {
        JsonProperty name = field.getAnnotation(JsonProperty.class);
        types.put(name == null ? NAMES.translate(field.getName()) : name.value(), field.getType());
      }
    }
    return types;
  }

  /** Sets the fields that the object has keys for. */
  static void read(ObjectNode json, TrainingArguments into) {
    TABLE.check(json);
    ObjectNode ours = TABLE.translate(json);
    ObjectNode canonical = ours.deepCopy();
    for (Map.Entry<String, JsonNode> e : ours.properties()) {
      Class<?> type = TYPES.get(e.getKey());
      JsonNode value = single(e.getValue());
      check(e.getKey(), value, type);
      canonical.set(e.getKey(), value);
      if (type.isEnum()) {
        canonical.put(e.getKey(), value.textValue().toUpperCase(Locale.ROOT));
      }
    }
    try {
      MAPPER.readerForUpdating(into).readValue(canonical);
    } catch (IOException e) {
      throw new IllegalStateException("a tree in memory whose types were checked must fit", e);
    }
  }

  /** transformers writes report_to as a list. */
  private static JsonNode single(JsonNode value) {
    return value.isArray() && value.size() == 1 && value.get(0).isTextual() ? value.get(0) : value;
  }

  /** Jackson would take 1.5 for 1, null for 0 and an index for a name. */
  private static void check(String key, JsonNode value, Class<?> type) {
    if (value.isNull() && !type.isPrimitive() && !type.isEnum()) {
      return;
    }
    if (type.isEnum()) {
      List<?> names = Arrays.asList(type.getEnumConstants());
      boolean known = names.stream().anyMatch(n -> n.toString().equalsIgnoreCase(value.asText()));
      require(value.isTextual() && known, key, "one of " + names, value);
    } else if (type == int.class || type == Integer.class) {
      // Python's parser of arguments makes 500.0 of the 500 that eval_steps is given.
      boolean whole = value.isNumber() && value.doubleValue() == value.intValue();
      require(value.isInt() || whole, key, "an integer", value);
    } else if (type == long.class || type == Long.class) {
      require(value.isIntegralNumber() && value.canConvertToLong(), key, "an integer", value);
    } else if (type == boolean.class || type == Boolean.class) {
      require(value.isBoolean(), key, "true or false", value);
    } else if (type == String.class) {
      require(value.isTextual(), key, "a text", value);
    } else {
      require(value.isNumber(), key, "a number", value);
    }
  }

  private static void require(boolean holds, String key, String expected, JsonNode found) {
    if (!holds) {
      throw new IllegalArgumentException(key + ": expected " + expected + ", found " + found);
    }
  }

  /** All fields; names of constants as transformers writes them. */
  static ObjectNode write(TrainingArguments args) {
    ObjectNode json = MAPPER.valueToTree(args);
    TYPES.forEach(
        (key, type) -> {
          if (type.isEnum() && json.get(key).isTextual()) {
            json.put(key, json.get(key).textValue().toLowerCase(Locale.ROOT));
          }
        });
    return json;
  }
}
