package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.io.JsonFile;
import org.gpt2j.training.IntervalStrategy;
import org.gpt2j.training.ReportTo;
import org.gpt2j.training.SchedulerType;
import org.gpt2j.training.TrainerCallback;
import org.gpt2j.training.TrainingArguments;
import org.gpt2j.training.callbacks.ProgressCallback;
import org.gpt2j.training.report.TensorBoardCallback;
import picocli.CommandLine.Option;

/**
 * The options of {@link org.gpt2j.training.TrainingArguments} on the command line, over those of an
 * argument file. What is not given keeps its default there.
 */
final class TrainingOptions {
  /** Made when options are read, not when picocli looks at this class. */
  private static final class Mapper {
    static final ObjectMapper INSTANCE = new ObjectMapper();
  }

  @Option(
      names = "--args",
      paramLabel = "FILE.json",
      description = "Arguments by their transformers names; options given here win.")
  private Path args;

  @Option(
      names = "--num-train-epochs",
      paramLabel = "N",
      description = "Passes over the data (train: 5, pretrain: 1).")
  private Double numTrainEpochs;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description = "Optimizer steps; wins over epochs.")
  private Integer maxSteps;

  @Option(
      names = "--per-device-train-batch-size",
      paramLabel = "N",
      description = "Sequences a batch (16).")
  private Integer perDeviceTrainBatchSize;

  @Option(
      names = "--per-device-eval-batch-size",
      paramLabel = "N",
      description = "Sequences a batch at most when evaluating (32); of 1,024 tokens at most.")
  private Integer perDeviceEvalBatchSize;

  @Option(
      names = "--gradient-accumulation-steps",
      paramLabel = "N",
      description = "Batches an optimizer step (1).")
  private Integer gradientAccumulationSteps;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description = "Peak learning rate (train: 1e-4, pretrain: 1e-3).")
  private Double learningRate;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "AdamW's decoupled decay (train: 0, pretrain: 0.1).")
  private Double weightDecay;

  @Option(
      names = "--adam-beta1",
      paramLabel = "X",
      description = "Decay of the first moment (0.9).")
  private Double adamBeta1;

  @Option(
      names = "--adam-beta2",
      paramLabel = "X",
      description = "Decay of the second moment (train: 0.999, pretrain: 0.95).")
  private Double adamBeta2;

  @Option(
      names = "--adam-epsilon",
      paramLabel = "X",
      description = "Added to AdamW's denominator (1e-8).")
  private Double adamEpsilon;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "X",
      description = "Bound of the gradients' norm; 0 for none (1).")
  private Double maxGradNorm;

  @Option(
      names = "--lr-scheduler-type",
      paramLabel = "NAME",
      description = "linear, cosine (default), constant or constant_with_warmup.")
  private SchedulerType lrSchedulerType;

  @Option(
      names = "--warmup-ratio",
      paramLabel = "X",
      description = "Share of steps to warm up (train: 0.1, pretrain: 0.05).")
  private Double warmupRatio;

  @Option(
      names = "--warmup-steps",
      paramLabel = "N",
      description = "Steps to warm up, a ratio if below 1; wins over the ratio.")
  private Double warmupSteps;

  @Option(names = "--logging-steps", paramLabel = "N", description = "Steps between log rows (10).")
  private Integer loggingSteps;

  @Option(
      names = "--eval-steps",
      paramLabel = "N",
      description = "Steps between evaluations (train: 50, pretrain: 200).")
  private Integer evalSteps;

  @Option(
      names = "--load-best-model-at-end",
      paramLabel = "true|false",
      description = "Take the best checkpoint (default where is evaluated), not the last.",
      arity = "0..1",
      fallbackValue = "true")
  private Boolean loadBestModelAtEnd;

  @Option(names = "--no-shuffle", description = "Keep the order of the data.")
  private Boolean noShuffle;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of order, dropout and fresh weights (42).")
  private Long seed;

  @Option(
      names = "--label-smoothing-factor",
      paramLabel = "P",
      description = "Spread so much of each label over all classes (0).")
  private Double labelSmoothingFactor;

  @Option(
      names = "--report-to",
      paramLabel = "WHOM",
      description = "none (default) or tensorboard.")
  private ReportTo reportTo;

  @Option(
      names = "--logging-dir",
      paramLabel = "DIR",
      description = "Where TensorBoard's files go (runs in the output directory).")
  private String loggingDir;

  @Option(
      names = "--logging-strategy",
      paramLabel = "WHEN",
      description = "no, steps (default) or epoch.")
  private IntervalStrategy loggingStrategy;

  @Option(
      names = "--logging-first-step",
      paramLabel = "true|false",
      description = "Log the first step, too (false).",
      arity = "0..1",
      fallbackValue = "true")
  private Boolean loggingFirstStep;

  @Option(
      names = "--eval-strategy",
      paramLabel = "WHEN",
      description = "no, steps (default) or epoch.")
  private IntervalStrategy evalStrategy;

  @Option(
      names = "--save-strategy",
      paramLabel = "WHEN",
      description = "no, steps, epoch or best (as evaluations).")
  private IntervalStrategy saveStrategy;

  @Option(
      names = "--save-steps",
      paramLabel = "N",
      description = "Steps between checkpoints (as evaluations).")
  private Integer saveSteps;

  @Option(
      names = "--save-total-limit",
      paramLabel = "N",
      description = "Checkpoints that are kept, besides the best (1).")
  private Integer saveTotalLimit;

  @Option(
      names = "--metric-for-best-model",
      paramLabel = "NAME",
      description = "loss (default), accuracy, f1, precision, recall, mcc, ...")
  private String metricForBestModel;

  @Option(
      names = "--greater-is-better",
      paramLabel = "true|false",
      description = "Of that metric (true unless it is a loss).",
      arity = "0..1",
      fallbackValue = "true")
  private Boolean greaterIsBetter;

  @Option(
      names = "--group-by-length",
      paramLabel = "true|false",
      description = "Batches of messages of about one length (false).",
      arity = "0..1",
      fallbackValue = "true")
  private Boolean groupByLength;

  @Option(names = "--data-seed", paramLabel = "N", description = "Of the order alone (the seed).")
  private Long dataSeed;

  /** What watches any training: progress, and whom report_to names. */
  static List<TrainerCallback> callbacks(TrainingArguments args, PrintWriter out) {
    List<TrainerCallback> callbacks = new ArrayList<>();
    callbacks.add(new ProgressCallback(out, Terminal.isInteractive()));
    if (args.reportTo() == ReportTo.TENSORBOARD) {
      callbacks.add(new TensorBoardCallback(args.loggingDir()));
    }
    return callbacks;
  }

  /** The argument file's keys, then those given on the command line. */
  ObjectNode toJson() throws IOException {
    ObjectNode json = args == null ? JsonFile.parse("{}") : JsonFile.read(args);
    put(json, "num_train_epochs", numTrainEpochs);
    put(json, "max_steps", maxSteps);
    put(json, "per_device_train_batch_size", perDeviceTrainBatchSize);
    put(json, "per_device_eval_batch_size", perDeviceEvalBatchSize);
    put(json, "gradient_accumulation_steps", gradientAccumulationSteps);
    put(json, "learning_rate", learningRate);
    put(json, "weight_decay", weightDecay);
    put(json, "adam_beta1", adamBeta1);
    put(json, "adam_beta2", adamBeta2);
    put(json, "adam_epsilon", adamEpsilon);
    put(json, "max_grad_norm", maxGradNorm);
    put(json, "lr_scheduler_type", name(lrSchedulerType));
    put(json, "warmup_ratio", warmupRatio);
    put(json, "warmup_steps", warmupSteps);
    put(json, "logging_steps", loggingSteps);
    put(json, "eval_steps", evalSteps);
    put(json, "load_best_model_at_end", loadBestModelAtEnd);
    put(json, "shuffle", noShuffle == null ? null : !noShuffle);
    put(json, "seed", seed);
    put(json, "label_smoothing_factor", labelSmoothingFactor);
    put(json, "report_to", name(reportTo));
    put(json, "logging_dir", loggingDir);
    put(json, "logging_strategy", name(loggingStrategy));
    put(json, "logging_first_step", loggingFirstStep);
    put(json, "eval_strategy", name(evalStrategy));
    put(json, "save_strategy", name(saveStrategy));
    put(json, "save_steps", saveSteps);
    put(json, "save_total_limit", saveTotalLimit);
    put(json, "metric_for_best_model", metricForBestModel);
    put(json, "greater_is_better", greaterIsBetter);
    put(json, "group_by_length", groupByLength);
    put(json, "data_seed", dataSeed);
    return json;
  }

  /**
   * The arguments of an object that began as {@link #toJson}.
   *
   * @throws IllegalArgumentException naming the key that cannot be used, and the argument file
   *     where its value is from there
   */
  TrainingArguments arguments(ObjectNode json) throws IOException {
    try {
      return TrainingArguments.fromJson(json);
    } catch (IllegalArgumentException e) {
      String key = e.getMessage().split("[:,]", 2)[0];
      JsonNode ofFile = args == null ? null : JsonFile.read(args).get(key);
      throw ofFile != null && ofFile.equals(json.get(key))
          ? new IllegalArgumentException(args + ": " + e.getMessage(), e)
          : e;
    }
  }

  private static String name(Enum<?> value) {
    return value == null ? null : value.toString();
  }

  /** Sets a key where there is a value. */
  static void put(ObjectNode json, String key, Object value) {
    if (value != null) {
      json.set(key, Mapper.INSTANCE.valueToTree(value));
    }
  }
}
