package org.gpt2j.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What to adapt and how, with the names and defaults of peft's LoraConfig. Immutable; made by
 * {@link #builder} or read from adapter_config.json by {@link LoraConfigFile}.
 */
public final class LoraConfig {
  /** Which biases are trained and saved. */
  public enum Bias {
    NONE,
    /** Every bias of the model, layer norms' too. */
    ALL,
    /** Those of the adapted layers. */
    LORA_ONLY;

    /** As in adapter_config.json. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The kind of model that the adapter belongs to. */
  public enum TaskType {
    SEQ_CLS,
    CAUSAL_LM
  }

  private final Builder b;

  private LoraConfig(Builder builder) {
    this.b = builder;
    require(b.r >= 1, "r", "a rank of at least 1", b.r);
    require(positive(b.loraAlpha), "lora_alpha", "a number above 0", b.loraAlpha);
    require(
        b.loraDropout >= 0 && b.loraDropout < 1,
        "lora_dropout",
        "a probability in [0, 1)",
        b.loraDropout);
    b.rankPattern.forEach(
        (key, rank) -> require(rank >= 1, "rank_pattern." + key, "a rank of at least 1", rank));
    b.alphaPattern.forEach(
        (key, alpha) ->
            require(positive(alpha), "alpha_pattern." + key, "a number above 0", alpha));
    b.rankPattern.keySet().forEach(key -> compile("rank_pattern", key));
    b.alphaPattern.keySet().forEach(key -> compile("alpha_pattern", key));
  }

  private static boolean positive(double value) {
    return value > 0 && value < Double.POSITIVE_INFINITY;
  }

  /** A regular expression of an option, refused by the option's key where it is none. */
  static Pattern compile(String key, String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "%s: expected a regular expression, found \"%s\": %s"
              .formatted(key, regex, e.getDescription()),
          e);
    }
  }

  private static void require(boolean holds, String key, String expected, Object found) {
    if (!holds) {
      throw new IllegalArgumentException(key + ": expected " + expected + ", found " + found);
    }
  }

  /** peft's defaults: r 8, lora_alpha 8, no dropout, c_attn, fan_in_fan_out true. */
  public static Builder builder(TaskType taskType) {
    return new Builder(taskType);
  }

  /** A builder that starts from this config. */
  public Builder toBuilder() {
    return new Builder(b);
  }

  public TaskType taskType() {
    return b.taskType;
  }

  /** Rank of the update, where {@link #rankPattern} names no other. */
  public int r() {
    return b.r;
  }

  public double loraAlpha() {
    return b.loraAlpha;
  }

  /** Probability of dropout on the adapter's input while training. */
  public double loraDropout() {
    return b.loraDropout;
  }

  public TargetModules targetModules() {
    return b.targetModules;
  }

  public Bias bias() {
    return b.bias;
  }

  /** Names (or their ends) of modules that are trained in full and saved with the adapter. */
  public List<String> modulesToSave() {
    return b.modulesToSave;
  }

  /** Whether the scaling is alpha / sqrt(r) (Kalajdzievski 2023) instead of alpha / r. */
  public boolean useRslora() {
    return b.useRslora;
  }

  public Map<String, Integer> rankPattern() {
    return b.rankPattern;
  }

  public Map<String, Double> alphaPattern() {
    return b.alphaPattern;
  }

  /**
   * Whether the base weights are [in, out]. They are in GPT-2, so like peft we take false for true.
   */
  public boolean fanInFanOut() {
    return b.fanInFanOut;
  }

  /** Name or path of the base model, may be null. */
  public String baseModelNameOrPath() {
    return b.baseModelNameOrPath;
  }

  /** Rank for one module: the first pattern that matches its name, else r. */
  public int rank(String module) {
    return matching(b.rankPattern, module, b.r);
  }

  /** The factor of the update for one module: alpha / r, or alpha / sqrt(r). */
  public double scaling(String module) {
    int r = rank(module);
    double alpha = matching(b.alphaPattern, module, b.loraAlpha);
    return alpha / (b.useRslora ? Math.sqrt(r) : r);
  }

  /** peft's get_pattern_key: the first key with re.match((.*\.)?(key)$, name). */
  private static <T> T matching(Map<String, T> patterns, String module, T otherwise) {
    for (Map.Entry<String, T> e : patterns.entrySet()) {
      if (module.matches("(.*\\.)?(" + e.getKey() + ")")) {
        return e.getValue();
      }
    }
    return otherwise;
  }

  /** Sets options; {@link #build} checks them. */
  public static final class Builder {
    private final TaskType taskType;
    private int r = 8;
    private double loraAlpha = 8;
    private double loraDropout;
    private TargetModules targetModules = TargetModules.named(List.of("c_attn"));
    private Bias bias = Bias.NONE;
    private List<String> modulesToSave = List.of();
    private boolean useRslora;
    private Map<String, Integer> rankPattern = Map.of();
    private Map<String, Double> alphaPattern = Map.of();
    private boolean fanInFanOut = true;
    private String baseModelNameOrPath;

    private Builder(TaskType taskType) {
      this.taskType = Objects.requireNonNull(taskType, "task_type");
    }

    private Builder(Builder other) {
      taskType = other.taskType;
      r = other.r;
      loraAlpha = other.loraAlpha;
      loraDropout = other.loraDropout;
      targetModules = other.targetModules;
      bias = other.bias;
      modulesToSave = other.modulesToSave;
      useRslora = other.useRslora;
      rankPattern = other.rankPattern;
      alphaPattern = other.alphaPattern;
      fanInFanOut = other.fanInFanOut;
      baseModelNameOrPath = other.baseModelNameOrPath;
    }

    public Builder r(int value) {
      r = value;
      return this;
    }

    public Builder loraAlpha(double value) {
      loraAlpha = value;
      return this;
    }

    public Builder loraDropout(double value) {
      loraDropout = value;
      return this;
    }

    public Builder targetModules(TargetModules value) {
      targetModules = value;
      return this;
    }

    /** Modules by name, as peft's list form. */
    public Builder targetModules(String... names) {
      return targetModules(TargetModules.named(List.of(names)));
    }

    public Builder bias(Bias value) {
      bias = value;
      return this;
    }

    public Builder modulesToSave(List<String> value) {
      modulesToSave = List.copyOf(value);
      return this;
    }

    public Builder useRslora(boolean value) {
      useRslora = value;
      return this;
    }

    public Builder rankPattern(Map<String, Integer> value) {
      rankPattern = new LinkedHashMap<>(value);
      return this;
    }

    public Builder alphaPattern(Map<String, Double> value) {
      alphaPattern = new LinkedHashMap<>(value);
      return this;
    }

    public Builder fanInFanOut(boolean value) {
      fanInFanOut = value;
      return this;
    }

    public Builder baseModelNameOrPath(String value) {
      baseModelNameOrPath = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming the option, what was expected and what was found
     */
    public LoraConfig build() {
      return new LoraConfig(new Builder(this));
    }
  }
}
