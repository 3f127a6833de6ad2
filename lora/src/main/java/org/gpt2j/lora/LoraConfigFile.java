package org.gpt2j.lora;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.gpt2j.io.JsonFile;
import org.gpt2j.io.KeyTable;

/**
 * adapter_config.json. Each key that peft 0.5 to 0.21 writes for LoRA is obeyed, without effect, or
 * refused unless it is off; another key is named in a warning where it is on. Writing gives the
 * keys that every peft knows, and the others where they are on.
 */
final class LoraConfigFile {
  static final String NAME = "adapter_config.json";

  /** Honest adapters name each module once at most. */
  private static final int MOST_NAMES = 10_000;

  private static final KeyTable KEYS =
      KeyTable.builder()
          .obeyed("peft_type", "task_type", "r", "lora_alpha", "lora_dropout", "use_rslora")
          .obeyed("target_modules", "exclude_modules", "layers_to_transform", "layers_pattern")
          .obeyed("bias", "modules_to_save", "rank_pattern", "alpha_pattern", "fan_in_fan_out")
          .obeyed("base_model_name_or_path", "revision", "init_lora_weights")
          // Where an adapter came from, and how it was or shall be made.
          .withoutEffect("auto_mapping", "inference_mode", "peft_version", "megatron_core")
          .withoutEffect("qalora_group_size", "eva_config", "lora_ga_config", "runtime_config")
          .withoutEffect("merge_weights") // of peft 0.1 and 0.2
          // The weights' file shows which of two tied tables were saved.
          .withoutEffect("ensure_weight_tying")
          .refused("use_dora", "use_qalora", "use_bdlora", "lora_bias", "enable_lora")
          .refused("layer_replication", "trainable_token_indices", "target_parameters")
          .refused("alora_invocation_tokens", "alora_invocation_string", "megatron_config")
          .refused("loftq_config", "corda_config", "kasa_config", "arrow_config")
          .refused("velora_config", "monteclora_config")
          .build();

  /** Initialisations that leave the base weights alone. */
  private static final List<String> INITIALISATIONS = List.of("eva", "gaussian", "orthogonal");

  private LoraConfigFile() {}

  static LoraConfig read(Path dir) throws IOException {
    Path file = dir.resolve(NAME);
    ObjectNode json = JsonFile.read(file);
    try {
      KEYS.check(file, json);
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
    LoraConfig.Builder builder = LoraConfig.builder(taskType(json));
    builder.r(integer(required(json, "r"), "r"));
    builder.targetModules(targetModules(required(json, "target_modules")));
    Map<String, BiConsumer<String, JsonNode>> readers = new LinkedHashMap<>();
    readers.put("lora_alpha", (k, v) -> builder.loraAlpha(number(v, k)));
    readers.put("lora_dropout", (k, v) -> builder.loraDropout(number(v, k)));
    readers.put("exclude_modules", (k, v) -> builder.excludeModules(excludeModules(v)));
    readers.put("layers_to_transform", (k, v) -> builder.layersToTransform(layers(v)));
    readers.put("layers_pattern", (k, v) -> builder.layersPattern(oneOrMany(v, k)));
    readers.put("bias", (k, v) -> builder.bias(constant(LoraConfig.Bias.class, v, k)));
    readers.put(
        "modules_to_save",
        (k, v) -> builder.modulesToSave(v.isNull() ? List.of() : distinct(strings(v, k))));
    readers.put("use_rslora", (k, v) -> builder.useRslora(bool(v, k)));
    readers.put("rank_pattern", (k, v) -> builder.rankPattern(map(v, k, n -> integer(n, k))));
    readers.put("alpha_pattern", (k, v) -> builder.alphaPattern(map(v, k, n -> number(n, k))));
    readers.put("fan_in_fan_out", (k, v) -> builder.fanInFanOut(bool(v, k)));
    readers.put("base_model_name_or_path", (k, v) -> builder.baseModelNameOrPath(textOrNull(v, k)));
    readers.put("revision", (k, v) -> builder.revision(textOrNull(v, k)));
    readers.put("init_lora_weights", LoraConfigFile::initialisation);
    readers.forEach(
        (key, reader) -> {
          if (json.has(key)) {
            reader.accept(key, json.get(key));
          }
        });
    return builder.build();
  }

  private static LoraConfig.TaskType taskType(ObjectNode json) {
    JsonNode value = json.path("task_type");
    return value.isMissingNode() || value.isNull()
        ? null
        : constant(LoraConfig.TaskType.class, value, "task_type");
  }

  private static void initialisation(String key, JsonNode value) {
    boolean known =
        value.isBoolean() || value.isTextual() && INITIALISATIONS.contains(value.textValue());
    if (!known) {
      throw wrong(key, "true, false or one of " + INITIALISATIONS, value);
    }
  }

  /** Writes the config; targets are the adapted modules' full names. */
  static void write(Path dir, LoraConfig config, List<String> targets, List<String> modulesToSave)
      throws IOException {
    ObjectNode json = JsonFile.parse("{}");
    json.put("peft_type", "LORA");
    json.put("task_type", config.taskType() == null ? null : config.taskType().name());
    json.put("base_model_name_or_path", config.baseModelNameOrPath());
    if (config.revision() != null) {
      json.put("revision", config.revision());
    }
    json.put("inference_mode", true);
    json.put("r", config.r());
    putNumber(json, "lora_alpha", config.loraAlpha());
    json.put("lora_dropout", config.loraDropout());
    json.put("bias", config.bias().toString());
    json.put("fan_in_fan_out", true);
    json.put("use_rslora", config.useRslora());
    json.put("init_lora_weights", true);
    TargetModules wanted = config.targetModules();
    put(json, "target_modules", wanted.isAllLinear() ? targets : wanted.names(), wanted);
    ModuleNames excluded = config.excludeModules();
    if (excluded.names() == null || !excluded.names().isEmpty()) {
      put(json, "exclude_modules", excluded.names(), excluded);
    }
    if (!config.layersToTransform().isEmpty()) {
      config.layersToTransform().forEach(json.putArray("layers_to_transform")::add);
    }
    if (!config.layersPattern().isEmpty()) {
      put(json, "layers_pattern", config.layersPattern(), null);
    }
    ObjectNode ranks = json.putObject("rank_pattern");
    PatternOrder.inFile(config.rankPattern(), targets, config::rank).forEach(ranks::put);
    ObjectNode alphas = json.putObject("alpha_pattern");
    PatternOrder.inFile(config.alphaPattern(), targets, config::alpha)
        .forEach((k, v) -> putNumber(alphas, k, v));
    if (modulesToSave.isEmpty()) {
      json.putNull("modules_to_save");
    } else {
      put(json, "modules_to_save", modulesToSave, null);
    }
    JsonFile.write(dir.resolve(NAME), json);
  }

  /** A list where there are names, else the text of an expression. */
  private static void put(ObjectNode json, String key, List<String> names, Object expression) {
    if (names != null) {
      names.forEach(json.putArray(key)::add);
    } else {
      json.put(key, expression.toString());
    }
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

  private static ModuleNames excludeModules(JsonNode value) {
    if (value.isTextual() && !value.textValue().isEmpty()) {
      return ModuleNames.matching("exclude_modules", value.textValue());
    }
    return ModuleNames.named(KeyTable.isOff(value) ? List.of() : strings(value, "exclude_modules"));
  }

  /** peft takes one layer or a list of them. */
  private static List<Integer> layers(JsonNode value) {
    String key = "layers_to_transform";
    if (KeyTable.isOff(value)) {
      return List.of();
    }
    if (value.isInt()) {
      return List.of(value.intValue());
    }
    List<Integer> all = new ArrayList<>();
    check(value, JsonNode::isArray, key, "an integer or a list of integers")
        .forEach(v -> all.add(integer(v, key)));
    return all;
  }

  private static List<String> oneOrMany(JsonNode value, String key) {
    if (KeyTable.isOff(value)) {
      return List.of();
    }
    return value.isTextual() ? List.of(value.textValue()) : strings(value, key);
  }

  private static String textOrNull(JsonNode value, String key) {
    return value.isNull() ? null : text(value, key);
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
    if (all.size() > MOST_NAMES) {
      throw new IllegalArgumentException(
          key + ": expected at most " + MOST_NAMES + " names, found " + all.size());
    }
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
