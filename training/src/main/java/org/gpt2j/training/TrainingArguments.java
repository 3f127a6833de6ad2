package org.gpt2j.training;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.gpt2j.io.JsonFile;
import org.gpt2j.io.Printable;

/**
 * How to train, with transformers' names in JSON (snake case) and in Java (camel case). Defaults
 * are those of the spam recipe: 5 epochs, batches of 16, learning rate 1e-4, cosine with 10 %
 * warm-up.
 */
public final class TrainingArguments {
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
  private double labelSmoothingFactor = 0;
  private String outputDir = "trainer_output";
  private ReportTo reportTo = ReportTo.NONE;
  private String loggingDir;
  private IntervalStrategy loggingStrategy = IntervalStrategy.STEPS;
  private int loggingSteps = 10;
  private boolean loggingFirstStep = false;
  private IntervalStrategy evalStrategy = IntervalStrategy.STEPS;
  private Integer evalSteps = 50;
  private IntervalStrategy saveStrategy;
  private Integer saveSteps;
  private Integer saveTotalLimit = 1;
  private Boolean loadBestModelAtEnd;
  private String metricForBestModel;
  private Boolean greaterIsBetter;
  private boolean shuffle = true;
  private boolean groupByLength = false;
  private long seed = 42;
  private Long dataSeed;

  private TrainingArguments() {}

  /** The defaults. */
  public static TrainingArguments defaults() {
    return fromJson(JsonFile.parse("{}"));
  }

  /**
   * The defaults with what an object of snake-case keys sets, such as the one that transformers'
   * TrainingArguments.to_json_string writes. Keys of it that change no result here are passed over,
   * and so are unknown ones that are off (null, false or empty), these with a warning.
   *
   * @throws IllegalArgumentException naming the key that is unknown, of a wrong type, impossible or
   *     not supported
   */
  public static TrainingArguments fromJson(ObjectNode json) {
    TrainingArguments args = new TrainingArguments();
    TrainingArgumentsJson.read(json, args);
    args.fillIn();
    args.check();
    return args;
  }

  /** All arguments as JSON, as {@link #fromJson} reads them. */
  public ObjectNode toJson() {
    return TrainingArgumentsJson.write(this);
  }

  /** What follows from other arguments where it is not given. */
  private void fillIn() {
    boolean evaluates = evalStrategy != IntervalStrategy.NO;
    if (saveStrategy == null) {
      saveStrategy = evaluates ? evalStrategy : IntervalStrategy.STEPS;
    }
    if (evalSteps == null) {
      evalSteps = loggingSteps;
    }
    if (saveSteps == null) {
      saveSteps = evalSteps;
    }
    if (loadBestModelAtEnd == null) {
      loadBestModelAtEnd = evaluates;
    }
    if (metricForBestModel == null && loadBestModelAtEnd) {
      metricForBestModel = "loss";
    }
    if (greaterIsBetter == null && metricForBestModel != null) {
      greaterIsBetter = !metricForBestModel.endsWith("loss");
    }
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
    require(evalSteps > 0, "eval_steps", "a number above 0 (eval_strategy no: never)", evalSteps);
    require(saveSteps > 0, "save_steps", "a number above 0 (save_strategy no: never)", saveSteps);
    require(
        saveTotalLimit == null || saveTotalLimit > 0,
        "save_total_limit",
        "null or a number above 0",
        saveTotalLimit);
    require(outputDir != null && !outputDir.isBlank(), "output_dir", "a directory", "nothing");
    path(outputDir, "output_dir");
    path(loggingDir == null ? "" : loggingDir, "logging_dir");
    fraction(labelSmoothingFactor, "label_smoothing_factor");
    checkStrategies();
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

  /** The combinations that transformers refuses, too. */
  private void checkStrategies() {
    for (Map.Entry<String, IntervalStrategy> e :
        Map.of("logging_strategy", loggingStrategy, "eval_strategy", evalStrategy).entrySet()) {
      require(
          e.getValue() != IntervalStrategy.BEST, e.getKey(), "one of [no, steps, epoch]", "best");
    }
    require(
        saveStrategy != IntervalStrategy.BEST || metricForBestModel != null,
        "metric_for_best_model",
        "a metric, since save_strategy is best",
        null);
    if (!loadBestModelAtEnd || saveStrategy == IntervalStrategy.BEST) {
      return;
    }
    require(
        saveStrategy == evalStrategy,
        "save_strategy",
        "the eval_strategy " + evalStrategy + " or best, since load_best_model_at_end is true",
        saveStrategy);
    require(
        evalStrategy != IntervalStrategy.STEPS || saveSteps % evalSteps == 0,
        "save_steps",
        "a multiple of the eval_steps " + evalSteps + ", since load_best_model_at_end is true",
        saveSteps);
  }

  private static void path(String value, String key) {
    try {
      Path.of(value);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          key + ": expected a path, found \"" + Printable.line(value) + "\"", e);
    }
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

  /** Part of each label's probability that is spread over all classes; 0 for none. */
  public double labelSmoothingFactor() {
    return labelSmoothingFactor;
  }

  /** Where checkpoints and results go. */
  public Path outputDir() {
    return Path.of(outputDir);
  }

  public ReportTo reportTo() {
    return reportTo;
  }

  /** Where TensorBoard's files go; by default `runs` in the output directory. */
  public Path loggingDir() {
    return loggingDir == null ? outputDir().resolve("runs") : Path.of(loggingDir);
  }

  public IntervalStrategy loggingStrategy() {
    return loggingStrategy;
  }

  /** Steps between two rows of the log. */
  public int loggingSteps() {
    return loggingSteps;
  }

  /** Whether the first step is logged, whatever the interval is. */
  public boolean loggingFirstStep() {
    return loggingFirstStep;
  }

  public IntervalStrategy evalStrategy() {
    return evalStrategy;
  }

  /** Steps between two evaluations. */
  public int evalSteps() {
    return evalSteps;
  }

  /** When checkpoints are written; where it is not given as often as is evaluated. */
  public IntervalStrategy saveStrategy() {
    return saveStrategy;
  }

  /** Steps between two checkpoints. */
  public int saveSteps() {
    return saveSteps;
  }

  /** Checkpoints that are kept, besides them always the best and the newest; null for all. */
  public Integer saveTotalLimit() {
    return saveTotalLimit;
  }

  /** Whether the best evaluated checkpoint is taken at the end, not the last weights. */
  public boolean loadBestModelAtEnd() {
    return loadBestModelAtEnd;
  }

  /** What the best is measured by, without `eval_`; null where nothing asks for it. */
  public String metricForBestModel() {
    return metricForBestModel;
  }

  /** Its name among an evaluation's metrics, with `eval_`; null where nothing asks for it. */
  public String evalMetricForBestModel() {
    return metricForBestModel == null || metricForBestModel.startsWith("eval_")
        ? metricForBestModel
        : "eval_" + metricForBestModel;
  }

  /** Whether that metric is the better the higher it is; unless set, if it is no loss. */
  public boolean greaterIsBetter() {
    return greaterIsBetter != null && greaterIsBetter;
  }

  /** Whether each epoch draws a new order. */
  public boolean shuffle() {
    return shuffle;
  }

  /** Whether batches are of examples of about the same length. */
  public boolean groupByLength() {
    return groupByLength;
  }

  /** Decides the dropout masks, and the order of the examples where there is no data_seed. */
  public long seed() {
    return seed;
  }

  /** Decides the order of the examples. */
  public long dataSeed() {
    return dataSeed == null ? seed : dataSeed;
  }
}
