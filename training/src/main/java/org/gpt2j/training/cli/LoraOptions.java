package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.TargetModules;
import org.gpt2j.training.BaseModel;

/**
 * The adapter's options by the keys of an argument file: lora_r, lora_alpha, lora_dropout,
 * target_modules, bias, modules_to_save, use_rslora, rank_pattern, alpha_pattern. Defaults are the
 * recipe's.
 */
final class LoraOptions {
  private final ObjectNode json;

  private LoraOptions(ObjectNode json) {
    this.json = json;
  }

  /** Takes its keys out of the arguments. */
  static LoraOptions takeFrom(ObjectNode arguments) {
    ObjectNode own = arguments.objectNode();
    for (String key :
        List.of(
            "lora_r",
            "lora_alpha",
            "lora_dropout",
            "target_modules",
            "bias",
            "modules_to_save",
            "use_rslora",
            "rank_pattern",
            "alpha_pattern")) {
      JsonNode value = arguments.remove(key);
      if (value != null) {
        own.set(key, value);
      }
    }
    return new LoraOptions(own);
  }

  /** The recipe's adapter with what was given. */
  LoraConfig config(String base) {
    LoraConfig.Builder builder =
        LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS)
            .r(8)
            .loraAlpha(32)
            .loraDropout(0.1)
            .targetModules("c_attn", "c_proj");
    BaseModel.name(builder, base);
    if (json.has("lora_r")) {
      builder.r(rank("lora_r", json.get("lora_r")));
    }
    if (json.has("lora_alpha")) {
      builder.loraAlpha(number("lora_alpha", json.get("lora_alpha")));
    }
    setDropout(builder);
    if (json.has("target_modules")) {
      builder.targetModules(targetModules());
    }
    if (json.has("bias")) {
      builder.bias(bias());
    }
    if (json.has("modules_to_save")) {
      builder.modulesToSave(strings("modules_to_save"));
    }
    if (json.has("use_rslora")) {
      JsonNode value = json.get("use_rslora");
      require(value.isBoolean(), "use_rslora", "true or false", value);
      builder.useRslora(value.booleanValue());
    }
    Map<String, Integer> ranks = new LinkedHashMap<>();
    object("rank_pattern")
        .properties()
        .forEach(e -> ranks.put(e.getKey(), rank("rank_pattern." + e.getKey(), e.getValue())));
    builder.rankPattern(ranks);
    Map<String, Double> alphas = new LinkedHashMap<>();
    object("alpha_pattern")
        .properties()
        .forEach(e -> alphas.put(e.getKey(), number("alpha_pattern." + e.getKey(), e.getValue())));
    return builder.alphaPattern(alphas).build();
  }

  /** A stored adapter's config: only what leaves its weights alone may be changed. */
  LoraConfig adjust(LoraConfig stored) {
    json.fieldNames()
        .forEachRemaining(
            key ->
                require(
                    key.equals("lora_dropout"),
                    key,
                    "no such option beside --init-adapter, which brings its own",
                    json.get(key)));
    LoraConfig.Builder builder = stored.toBuilder();
    setDropout(builder);
    return builder.build();
  }

  /** Refuses every option that was given, where there is no use for it. */
  void refuseAny(String why) {
    json.properties()
        .forEach(e -> require(false, e.getKey(), "no such option beside " + why, e.getValue()));
  }

  private void setDropout(LoraConfig.Builder builder) {
    if (json.has("lora_dropout")) {
      builder.loraDropout(number("lora_dropout", json.get("lora_dropout")));
    }
  }

  /** Names with commas between them, a list, `all-linear`, or a regular expression. */
  private TargetModules targetModules() {
    JsonNode value = json.get("target_modules");
    if (value.isTextual() && !value.textValue().matches("[\\w.]+(,[\\w.]+)*")) {
      return TargetModules.parse(value.textValue());
    }
    return TargetModules.named(strings("target_modules"));
  }

  private List<String> strings(String key) {
    JsonNode value = json.get(key);
    if (value.isTextual()) {
      return List.of(value.textValue().split(","));
    }
    List<String> all = new ArrayList<>();
    require(value.isArray(), key, "a list of names", value);
    for (JsonNode v : value) {
      require(v.isTextual(), key, "a list of names", value);
      all.add(v.textValue());
    }
    return all;
  }

  private LoraConfig.Bias bias() {
    JsonNode value = json.get("bias");
    for (LoraConfig.Bias b : LoraConfig.Bias.values()) {
      if (value.isTextual() && b.name().toLowerCase(Locale.ROOT).equals(value.textValue())) {
        return b;
      }
    }
    throw new IllegalArgumentException("bias: expected none, all or lora_only, found " + value);
  }

  private JsonNode object(String key) {
    JsonNode value = json.has(key) ? json.get(key) : json.objectNode();
    require(value.isObject(), key, "an object", value);
    return value;
  }

  private static int rank(String key, JsonNode value) {
    require(value.isInt() && value.intValue() >= 1, key, "an integer of at least 1", value);
    return value.intValue();
  }

  private static double number(String key, JsonNode value) {
    require(value.isNumber(), key, "a number", value);
    return value.doubleValue();
  }

  private static void require(boolean holds, String key, String expected, JsonNode found) {
    if (!holds) {
      throw new IllegalArgumentException(key + ": expected " + expected + ", found " + found);
    }
  }
}
