package org.gpt2j.training;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How to train, with transformers' names in JSON (snake case) and in Java (camel case). Defaults
 * are those of the spam recipe: 5 epochs, batches of 16, learning rate 1e-4, cosine with 10 %
 * warm-up.
 */
public final class TrainingArguments {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
          .visibility(PropertyAccessor.GETTER, JsonAutoDetect.Visibility.NONE)
          .visibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .build();

  private double numTrainEpochs = 5;
  private int maxSteps = -1;
  private int perDeviceTrainBatchSize = 16;
  private int perDeviceEvalBatchSize = 32;
  private int gradientAccumulationSteps = 1;
  private double learningRate = 1e-4;
  private double weightDecay = 0;

  @JsonProperty("adam_beta1")
  private double adamBeta1 = 0.9;

  @JsonProperty("adam_beta2")
  private double adamBeta2 = 0.999;

  private double adamEpsilon = 1e-8;
  private double maxGradNorm = 1;
  private SchedulerType lrSchedulerType = SchedulerType.COSINE;
  private double warmupRatio = 0.1;
  private double warmupSteps = 0;
  private int loggingSteps = 10;
  private int evalSteps = 50;
  private boolean loadBestModelAtEnd = true;
  private boolean shuffle = true;
  private long seed = 42;

  private TrainingArguments() {}

  /** The defaults. */
  public static TrainingArguments defaults() {
    return new TrainingArguments();
  }

  /**
   * The defaults with what an object of snake-case keys sets.
   *
   * @throws IllegalArgumentException naming the key that is unknown, of a wrong type or impossible
   */
  public static TrainingArguments fromJson(ObjectNode json) {
    TrainingArguments args = new TrainingArguments();
    ObjectNode defaults = args.toJson();
    json.properties().forEach(e -> checkType(e.getKey(), e.getValue(), defaults));
    try {
      MAPPER.readerForUpdating(args).readValue(json);
    } catch (IOException e) {
      throw new IllegalStateException("a tree in memory whose types were checked must fit", e);
    }
    args.check();
    return args;
  }

  /** Jackson would take 1.5 for 1, null for 0 and an index for a name. */
  private static void checkType(String key, JsonNode value, ObjectNode defaults) {
    JsonNode like = defaults.get(key);
    if (like == null) {
      List<String> known = new ArrayList<>();
      defaults.fieldNames().forEachRemaining(known::add);
      throw new IllegalArgumentException(
          key + ": unknown training argument; known are " + String.join(", ", known));
    }
    if (like.isInt()) {
      require(value.isInt(), key, "an integer", value);
    } else if (like.isLong()) {
      require(value.isIntegralNumber() && value.canConvertToLong(), key, "an integer", value);
    } else if (like.isBoolean()) {
      require(value.isBoolean(), key, "true or false", value);
    } else if (like.isTextual()) {
      List<SchedulerType> names = List.of(SchedulerType.values());
      boolean known = names.stream().anyMatch(n -> n.name().equalsIgnoreCase(value.textValue()));
      require(known, key, "one of " + names, value);
    } else {
      require(value.isNumber(), key, "a number", value);
    }
  }

  /** All arguments as JSON, as {@link #fromJson} reads them. */
  public ObjectNode toJson() {
    ObjectNode json = MAPPER.valueToTree(this);
    json.put("lr_scheduler_type", lrSchedulerType.toString());
    return json;
  }

  private void check() {
    require(maxSteps == -1 || maxSteps > 0, "max_steps", "-1 or a number above 0", maxSteps);
    require(
        maxSteps > 0 || numTrainEpochs > 0 && Double.isFinite(numTrainEpochs),
        "num_train_epochs",
        "a number above 0",
        numTrainEpochs);
    positive(perDeviceTrainBatchSize, "per_device_train_batch_size");
    positive(perDeviceEvalBatchSize, "per_device_eval_batch_size");
    positive(gradientAccumulationSteps, "gradient_accumulation_steps");
    positive(loggingSteps, "logging_steps");
    require(evalSteps >= 0, "eval_steps", "0 (no evaluation) or a number above 0", evalSteps);
    notNegative(learningRate, "learning_rate");
    notNegative(weightDecay, "weight_decay");
    notNegative(maxGradNorm, "max_grad_norm");
    notNegative(warmupSteps, "warmup_steps");
    require(
        adamEpsilon > 0 && Double.isFinite(adamEpsilon),
        "adam_epsilon",
        "a number above 0",
        adamEpsilon);
    fraction(adamBeta1, "adam_beta1");
    fraction(adamBeta2, "adam_beta2");
    require(
        warmupRatio >= 0 && warmupRatio <= 1, "warmup_ratio", "a number in [0, 1]", warmupRatio);
  }

  private static void positive(int value, String key) {
    require(value > 0, key, "a number above 0", value);
  }

  private static void notNegative(double value, String key) {
    require(value >= 0 && Double.isFinite(value), key, "a number of at least 0", value);
  }

  private static void fraction(double value, String key) {
    require(value >= 0 && value < 1, key, "a number in [0, 1)", value);
  }

  private static void require(boolean holds, String key, String expected, Object found) {
    if (!holds) {
      throw new IllegalArgumentException(key + ": expected " + expected + ", found " + found);
    }
  }

  public double numTrainEpochs() {
    return numTrainEpochs;
  }

  /** Number of optimizer steps, or -1 where the epochs decide. */
  public int maxSteps() {
    return maxSteps;
  }

  public int perDeviceTrainBatchSize() {
    return perDeviceTrainBatchSize;
  }

  public int perDeviceEvalBatchSize() {
    return perDeviceEvalBatchSize;
  }

  public int gradientAccumulationSteps() {
    return gradientAccumulationSteps;
  }

  /** Peak learning rate. */
  public double learningRate() {
    return learningRate;
  }

  public double weightDecay() {
    return weightDecay;
  }

  public double adamBeta1() {
    return adamBeta1;
  }

  public double adamBeta2() {
    return adamBeta2;
  }

  public double adamEpsilon() {
    return adamEpsilon;
  }

  /** Bound of the gradients' global L2 norm, 0 for none. */
  public double maxGradNorm() {
    return maxGradNorm;
  }

  public SchedulerType lrSchedulerType() {
    return lrSchedulerType;
  }

  /**
   * Steps of warm-up of a training of so many steps: warmup_steps, which below 1 is a ratio (as in
   * transformers 5), else warmup_ratio (as in transformers 4); ratios are rounded up.
   */
  public int warmupSteps(int totalSteps) {
    if (warmupSteps >= 1) {
      return (int) warmupSteps;
    }
    return (int) Math.ceil(totalSteps * (warmupSteps > 0 ? warmupSteps : warmupRatio));
  }

  /** Steps between two rows of the log. */
  public int loggingSteps() {
    return loggingSteps;
  }

  /** Steps between two evaluations, 0 for none. */
  public int evalSteps() {
    return evalSteps;
  }

  /** Whether the weights with the lowest eval_loss are taken at the end, not the last ones. */
  public boolean loadBestModelAtEnd() {
    return loadBestModelAtEnd;
  }

  /** Whether each epoch draws a new order. */
  public boolean shuffle() {
    return shuffle;
  }

  /** Decides the order of the examples and the dropout masks. */
  public long seed() {
    return seed;
  }
}
