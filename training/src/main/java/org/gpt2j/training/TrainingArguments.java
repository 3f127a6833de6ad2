package org.gpt2j.training;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

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
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
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
  private int warmupSteps = 0;
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
    try {
      MAPPER.readerForUpdating(args).readValue(json);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(
          e.getPropertyName() + ": unknown training argument; known are " + e.getKnownPropertyIds(),
          e);
    } catch (MismatchedInputException e) {
      String key = key(e);
      String type = e.getTargetType() == null ? "value" : e.getTargetType().getSimpleName();
      throw new IllegalArgumentException(
          key + ": expected " + type + ", found " + json.get(key), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalStateException("reading a tree in memory cannot fail", e);
    }
    args.check();
    return args;
  }

  private static String key(JsonMappingException e) {
    return e.getPath().isEmpty() ? "arguments" : e.getPath().get(0).getFieldName();
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
        maxSteps > 0 || numTrainEpochs > 0, "num_train_epochs", "a number above 0", numTrainEpochs);
    positive(perDeviceTrainBatchSize, "per_device_train_batch_size");
    positive(perDeviceEvalBatchSize, "per_device_eval_batch_size");
    positive(gradientAccumulationSteps, "gradient_accumulation_steps");
    positive(loggingSteps, "logging_steps");
    require(evalSteps >= 0, "eval_steps", "0 (no evaluation) or a number above 0", evalSteps);
    notNegative(learningRate, "learning_rate");
    notNegative(weightDecay, "weight_decay");
    notNegative(maxGradNorm, "max_grad_norm");
    notNegative(warmupSteps, "warmup_steps");
    require(adamEpsilon > 0, "adam_epsilon", "a number above 0", adamEpsilon);
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

  /** Steps of warm-up of a training of so many steps: warmup_steps, else ceil(total * ratio). */
  public int warmupSteps(int totalSteps) {
    return warmupSteps > 0 ? warmupSteps : (int) Math.ceil(totalSteps * warmupRatio);
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
