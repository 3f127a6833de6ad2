package org.gpt2j.lora;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.gpt2j.io.JsonFile;

/**
 * adapter_config.json. Reading is strict: an option that would change what the adapter computes and
 * that we do not have is refused by its key, unless it is off. Writing gives the keys that every
 * peft knows.
 */
final class LoraConfigFile {
  static final String NAME = "adapter_config.json";

  /** Keys that say where an adapter came from, or how it was made, and change nothing here. */
  private static final Set<String> NOTES =
      Set.of(
          "auto_mapping",
          "inference_mode",
          "peft_version",
          "revision",
          "megatron_core",
          "qalora_group_size",
          "eva_config",
          "lora_ga_config");

  /** Initialisations that leave the base weights alone. */
  private static final List<String> INITIALISATIONS = List.of("eva", "gaussian", "orthogonal");

  private LoraConfigFile() {}

  static LoraConfig read(Path dir) throws IOException {
    Path file = dir.resolve(NAME);
    ObjectNode json = JsonFile.read(file);
    try {
      return parse(json);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  static LoraConfig parse(ObjectNode json) {
    String peftType = text(required(json, "peft_type"), "peft_type");
    if (!peftType.equals("LORA")) {
      throw wrong("peft_type", "LORA", json.get("peft_type"));
    }
    LoraConfig.Builder builder =
        LoraConfig.builder(
            constant(LoraConfig.TaskType.class, required(json, "task_type"), "task_type"));
    Map<String, BiConsumer<String, JsonNode>> readers = new LinkedHashMap<>();
    readers.put("peft_type", (k, v) -> {});
    readers.put("task_type", (k, v) -> {});
    readers.put("r", (k, v) -> builder.r(integer(v, k)));
    readers.put("lora_alpha", (k, v) -> builder.loraAlpha(number(v, k)));
    readers.put("lora_dropout", (k, v) -> builder.loraDropout(number(v, k)));
    readers.put("target_modules", (k, v) -> builder.targetModules(targetModules(v)));
    readers.put("bias", (k, v) -> builder.bias(constant(LoraConfig.Bias.class, v, k)));
    readers.put(
        "modules_to_save",
        (k, v) -> builder.modulesToSave(v.isNull() ? List.of() : distinct(strings(v, k))));
    readers.put("use_rslora", (k, v) -> builder.useRslora(bool(v, k)));
    readers.put("rank_pattern", (k, v) -> builder.rankPattern(map(v, k, n -> integer(n, k))));
    readers.put("alpha_pattern", (k, v) -> builder.alphaPattern(map(v, k, n -> number(n, k))));
    readers.put("fan_in_fan_out", (k, v) -> builder.fanInFanOut(bool(v, k)));
    readers.put(
        "base_model_name_or_path",
        (k, v) -> builder.baseModelNameOrPath(v.isNull() ? null : text(v, k)));
    readers.put("init_lora_weights", LoraConfigFile::initialisation);
    required(json, "target_modules");
    required(json, "r");
    json.properties()
        .forEach(
            e ->
                readers
                    .getOrDefault(e.getKey(), LoraConfigFile::refuseUnlessOff)
                    .accept(e.getKey(), e.getValue()));
    return builder.build();
  }

  private static void initialisation(String key, JsonNode value) {
    boolean known =
        value.isBoolean() || value.isTextual() && INITIALISATIONS.contains(value.textValue());
    if (!known) {
      throw wrong(key, "true, false or one of " + INITIALISATIONS, value);
    }
  }

  private static void refuseUnlessOff(String key, JsonNode value) {
    boolean off =
        value.isNull()
            || value.isBoolean() && !value.booleanValue()
            || value.isContainerNode() && value.isEmpty();
    if (!off && !NOTES.contains(key)) {
      throw new IllegalArgumentException(key + ": this option is not supported, found " + value);
    }
  }

  /** Writes the config; targets are the adapted modules' full names, for `all-linear`. */
  static void write(Path dir, LoraConfig config, List<String> targets, List<String> modulesToSave)
      throws IOException {
    ObjectNode json = JsonFile.parse("{}");
    json.put("peft_type", "LORA");
    json.put("task_type", config.taskType().name());
    json.put("base_model_name_or_path", config.baseModelNameOrPath());
    json.put("inference_mode", true);
    json.put("r", config.r());
    putNumber(json, "lora_alpha", config.loraAlpha());
    json.put("lora_dropout", config.loraDropout());
    json.put("bias", config.bias().toString());
    json.put("fan_in_fan_out", true);
    json.put("use_rslora", config.useRslora());
    json.put("init_lora_weights", true);
    TargetModules wanted = config.targetModules();
    if (wanted.names() != null || wanted.isAllLinear()) {
      List<String> names = wanted.isAllLinear() ? targets : wanted.names();
      names.forEach(json.putArray("target_modules")::add);
    } else {
      json.put("target_modules", config.targetModules().toString());
    }
    ObjectNode ranks = json.putObject("rank_pattern");
    config.rankPattern().forEach(ranks::put);
    ObjectNode alphas = json.putObject("alpha_pattern");
    config.alphaPattern().forEach((k, v) -> putNumber(alphas, k, v));
    if (modulesToSave.isEmpty()) {
      json.putNull("modules_to_save");
    } else {
      ArrayNode saved = json.putArray("modules_to_save");
      modulesToSave.forEach(saved::add);
    }
    JsonFile.write(dir.resolve(NAME), json);
  }

  /** peft's alphas are whole numbers as a rule: written as such. */
  private static void putNumber(ObjectNode json, String key, double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      json.put(key, (long) value);
    } else {
      json.put(key, value);
    }
  }

  private static JsonNode required(ObjectNode json, String key) {
    JsonNode value = json.get(key);
    if (value == null || value.isNull()) {
      throw new IllegalArgumentException(key + ": expected a value, found none");
    }
    return value;
  }

  private static TargetModules targetModules(JsonNode value) {
    return value.isTextual()
        ? TargetModules.parse(value.textValue())
        : TargetModules.named(strings(value, "target_modules"));
  }

  private static <E extends Enum<E>> E constant(Class<E> type, JsonNode value, String key) {
    for (E e : type.getEnumConstants()) {
      if (value.isTextual() && e.name().equalsIgnoreCase(value.textValue())) {
        return e;
      }
    }
    throw wrong(key, "one of " + List.of(type.getEnumConstants()), value);
  }

  private static String text(JsonNode value, String key) {
    return check(value, JsonNode::isTextual, key, "a string").textValue();
  }

  private static int integer(JsonNode value, String key) {
    return check(value, JsonNode::isInt, key, "an integer").intValue();
  }

  private static double number(JsonNode value, String key) {
    return check(value, JsonNode::isNumber, key, "a number").doubleValue();
  }

  private static boolean bool(JsonNode value, String key) {
    return check(value, JsonNode::isBoolean, key, "true or false").booleanValue();
  }

  private static List<String> strings(JsonNode value, String key) {
    List<String> all = new ArrayList<>();
    check(value, JsonNode::isArray, key, "a list of strings").forEach(v -> all.add(text(v, key)));
    return all;
  }

  private static List<String> distinct(List<String> all) {
    return all.stream().distinct().toList();
  }

  private static <T> Map<String, T> map(JsonNode value, String key, Function<JsonNode, T> element) {
    Map<String, T> all = new LinkedHashMap<>();
    check(value, JsonNode::isObject, key, "an object")
        .properties()
        .forEach(e -> all.put(e.getKey(), element.apply(e.getValue())));
    return all;
  }

  private static JsonNode check(
      JsonNode value, Predicate<JsonNode> test, String key, String expected) {
    if (!test.test(value)) {
      throw wrong(key, expected, value);
    }
    return value;
  }

  private static IllegalArgumentException wrong(String key, String expected, JsonNode found) {
    return new IllegalArgumentException(key + ": expected " + expected + ", found " + found);
  }
}
