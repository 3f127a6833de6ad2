package org.gpt2j.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

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

  /** The kind of model that the adapter belongs to: peft's names. */
  public enum TaskType {
    SEQ_CLS,
    SEQ_2_SEQ_LM,
    CAUSAL_LM,
    TOKEN_CLS,
    QUESTION_ANS,
    FEATURE_EXTRACTION
  }

  /** Honest adapters name each module once at most. */
  private static final int MOST_PATTERNS = 10_000;

  private final Builder b;
  private final List<PythonRegex> rankKeys;
  private final List<PythonRegex> alphaKeys;
  private final LayerSelection layers;

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
    rankKeys = compile("rank_pattern", b.rankPattern);
    alphaKeys = compile("alpha_pattern", b.alphaPattern);
    require(
        b.layersToTransform.isEmpty() || b.targetModules.names() != null,
        "layers_to_transform",
        "target_modules to be a list of names beside it",
        b.targetModules);
    require(
        b.layersPattern.isEmpty() || !b.layersToTransform.isEmpty(),
        "layers_pattern",
        "layers_to_transform beside it",
        "none");
    layers = new LayerSelection(b.layersToTransform, b.layersPattern);
  }

  private static boolean positive(double value) {
    return value > 0 && value < Float.MAX_VALUE;
  }

  private static List<PythonRegex> compile(String option, Map<String, ?> patterns) {
    require(patterns.size() <= MOST_PATTERNS, option, "at most " + MOST_PATTERNS, patterns.size());
    return patterns.keySet().stream().map(key -> compilePatternKey(option, key)).toList();
  }

  /** As get_pattern_key of peft writes it: re.match((.*\.)?(key)$, name). */
  static PythonRegex compilePatternKey(String option, String key) {
    return PythonRegex.compile(option, "(.*\\.)?(", key, ")$");
  }

  private static void require(boolean holds, String key, String expected, Object found) {
    if (!holds) {
      throw new IllegalArgumentException(key + ": expected " + expected + ", found " + found);
    }
  }

  /**
   * peft's defaults: r 8, lora_alpha 8, no dropout, c_attn, fan_in_fan_out true.
   *
   * @param taskType null where the adapter is not said to be of one kind
   */
  public static Builder builder(TaskType taskType) {
    return new Builder(taskType);
  }

  /** A builder that starts from this config. */
  public Builder toBuilder() {
    return new Builder(b);
  }

  /** Null where the adapter is not said to be of one kind. */
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

  /** Modules that get no adapter although {@link #targetModules} means them. */
  public ModuleNames excludeModules() {
    return b.excludeModules;
  }

  /** Indices of the layers whose modules get adapters; empty for all. */
  public List<Integer> layersToTransform() {
    return b.layersToTransform;
  }

  /** Names of the list of layers, as regular expressions of Python's; empty for any. */
  public List<String> layersPattern() {
    return b.layersPattern;
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

  /** Ranks by regular expressions of Python's for modules' names or their ends. */
  public Map<String, Integer> rankPattern() {
    return b.rankPattern;
  }

  /** lora_alpha by regular expressions of Python's for modules' names or their ends. */
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

  /** Branch, tag or commit of the base on the hub; null for the main one. */
  public String revision() {
    return b.revision;
  }

  /**
   * Rank for one module: that of the first pattern that matches its name, else r.
   *
   * @param module full name, such as transformer.h.0.attn.c_attn
   * @throws IllegalArgumentException naming the pattern, if matching it takes too many steps
   */
  public int rank(String module) {
    return rank(module, new RegexSteps());
  }

  int rank(String module, RegexSteps steps) {
    return matching(rankKeys, module, steps).map(b.rankPattern::get).orElse(b.r);
  }

  /**
   * The factor of the update for one module: alpha / r, or alpha / sqrt(r).
   *
   * @param module full name, such as transformer.h.0.attn.c_attn
   * @throws IllegalArgumentException naming the pattern, if matching it takes too many steps
   */
  public double scaling(String module) {
    RegexSteps steps = new RegexSteps();
    return scaling(rank(module, steps), alpha(module, steps));
  }

  double scaling(int r, double alpha) {
    return alpha / (b.useRslora ? Math.sqrt(r) : r);
  }

  double alpha(String module, RegexSteps steps) {
    return matching(alphaKeys, module, steps).map(b.alphaPattern::get).orElse(b.loraAlpha);
  }

  /** peft's get_pattern_key: the first key that matches, empty for none. */
  private static Optional<String> matching(
      List<PythonRegex> keys, String module, RegexSteps steps) {
    return keys.stream().filter(key -> key.match(module, steps)).findFirst().map(PythonRegex::text);
  }

  /** Whether a module lies in a layer that gets adapters. */
  boolean transformsLayerOf(String module, RegexSteps steps) {
    return layers.contains(module, steps);
  }

  /** Sets options; {@link #build} checks them. */
  public static final class Builder {
    private final TaskType taskType;
    private int r = 8;
    private double loraAlpha = 8;
    private double loraDropout;
    private TargetModules targetModules = TargetModules.named(List.of("c_attn"));
    private ModuleNames excludeModules = ModuleNames.named(List.of());
    private List<Integer> layersToTransform = List.of();
    private List<String> layersPattern = List.of();
    private Bias bias = Bias.NONE;
    private List<String> modulesToSave = List.of();
    private boolean useRslora;
    private Map<String, Integer> rankPattern = Map.of();
    private Map<String, Double> alphaPattern = Map.of();
    private boolean fanInFanOut = true;
    private String baseModelNameOrPath;
    private String revision;

    private Builder(TaskType taskType) {
      this.taskType = taskType;
    }

    private Builder(Builder other) {
      taskType = other.taskType;
      r = other.r;
      loraAlpha = other.loraAlpha;
      loraDropout = other.loraDropout;
      targetModules = other.targetModules;
      excludeModules = other.excludeModules;
      layersToTransform = other.layersToTransform;
      layersPattern = other.layersPattern;
      bias = other.bias;
      modulesToSave = other.modulesToSave;
      useRslora = other.useRslora;
      rankPattern = other.rankPattern;
      alphaPattern = other.alphaPattern;
      fanInFanOut = other.fanInFanOut;
      baseModelNameOrPath = other.baseModelNameOrPath;
      revision = other.revision;
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

    /** Modules that get no adapter although the targets mean them. */
    public Builder excludeModules(ModuleNames value) {
      excludeModules = value;
      return this;
    }

    /** Indices of the layers whose modules get adapters; empty for all. */
    public Builder layersToTransform(List<Integer> value) {
      layersToTransform = List.copyOf(value);
      return this;
    }

    /** Names of the list of layers, as regular expressions of Python's; empty for any. */
    public Builder layersPattern(List<String> value) {
      layersPattern = List.copyOf(value);
      return this;
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

    /** Name or path of the base model, without a revision; may be null. */
    public Builder baseModelNameOrPath(String value) {
      baseModelNameOrPath = value;
      return this;
    }

    /** Branch, tag or commit of the base on the hub; null for the main one. */
    public Builder revision(String value) {
      revision = value;
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
