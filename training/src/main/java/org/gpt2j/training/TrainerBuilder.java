package org.gpt2j.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.CrossEntropyLoss;
import org.gpt2j.nn.Loss;
import org.gpt2j.tokenizer.Gpt2Tokenizer;

/** The parameters of a {@link Trainer}, by transformers' names. */
public final class TrainerBuilder {
  final Gpt2PreTrainedModel model;
  final List<TrainerCallback> callbacks = new ArrayList<>();
  ModelSaver saver;
  TrainingArguments args = TrainingArguments.defaults();
  TrainingData trainDataset;
  TrainingData evalDataset;
  Function<EvalPrediction, Map<String, Double>> computeMetrics;
  List<String> labelNames;
  Optimizer optimizer;
  LearningRateSchedule schedule;
  Gpt2Tokenizer tokenizer;
  DataCollator dataCollator = DataCollator.PACKING;
  private double[] classWeights;
  private double[] logitOffsets;

  TrainerBuilder(Gpt2PreTrainedModel model, ModelSaver saver) {
    this.model = model;
    this.saver = saver;
  }

  public TrainerBuilder args(TrainingArguments value) {
    args = value;
    return this;
  }

  /** Must not be empty. */
  public TrainerBuilder trainDataset(TrainingData value) {
    trainDataset = value;
    return this;
  }

  /** Null, the default: there are no evaluations, whatever the arguments say. */
  public TrainerBuilder evalDataset(TrainingData value) {
    evalDataset = value;
    return this;
  }

  /**
   * Scores of a classifier by name, to which a prefix such as `eval_` is added. By default of one
   * class a text accuracy, precision, recall, f1, mcc and the others of {@link
   * ClassificationMetrics#scores}; of several accuracy (every class is right), and precision,
   * recall and f1 with `_micro` and `_macro`; of a regression mse, mae, r2 and pearsonr.
   */
  public TrainerBuilder computeMetrics(Function<EvalPrediction, Map<String, Double>> value) {
    computeMetrics = value;
    return this;
  }

  /** Names of the classes, in the order of the logits; by default id2label of the config. */
  public TrainerBuilder labelNames(List<String> value) {
    labelNames = List.copyOf(value);
    return this;
  }

  /** In their order, after what the trainer itself does. */
  public TrainerBuilder callbacks(List<? extends TrainerCallback> value) {
    callbacks.addAll(value);
    return this;
  }

  /**
   * Own optimizer and schedule.
   *
   * @param optimizer made over the model's trainable parameters; null for AdamW of the arguments
   * @param schedule null for lr_scheduler_type
   */
  public TrainerBuilder optimizers(Optimizer optimizer, LearningRateSchedule schedule) {
    this.optimizer = optimizer;
    this.schedule = schedule;
    return this;
  }

  /** Saved with the model. */
  public TrainerBuilder tokenizer(Gpt2Tokenizer value) {
    tokenizer = value;
    return this;
  }

  /** How examples become batches, in training and evaluation; by default they are packed. */
  public TrainerBuilder dataCollator(DataCollator value) {
    dataCollator = value;
    return this;
  }

  /** Weight of each class in the loss of one class a text; null, the default: all 1. */
  public TrainerBuilder classWeights(double[] value) {
    classWeights = value == null ? null : value.clone();
    return this;
  }

  /**
   * What is added to the logits of each class in the loss of one class a text, see {@link
   * org.gpt2j.training.data.ClassWeights#logitAdjustment}; null, the default: nothing.
   */
  public TrainerBuilder logitOffsets(double[] value) {
    logitOffsets = value == null ? null : value.clone();
    return this;
  }

  /** How the model is saved and loaded, where it is not as usual. */
  public TrainerBuilder saver(ModelSaver value) {
    saver = value;
    return this;
  }

  /**
   * @throws IllegalArgumentException naming the parameter that is missing or does not fit
   */
  public Trainer build() {
    if (trainDataset == null || trainDataset.size() == 0) {
      throw new IllegalArgumentException(
          "train_dataset: expected at least one example, found none");
    }
    checkIds("train_dataset", trainDataset);
    if (evalDataset != null) {
      if (evalDataset.size() == 0) {
        throw new IllegalArgumentException(
            "eval_dataset: expected null or at least one example, found none");
      }
      checkIds("eval_dataset", evalDataset);
    }
    if (evalDataset == null && args.saveStrategy() == IntervalStrategy.BEST) {
      throw new IllegalArgumentException(
          "save_strategy: expected no, steps or epoch without an eval_dataset, found best");
    }
    checkMetric();
    boolean plain =
        classWeights == null && logitOffsets == null && args.labelSmoothingFactor() == 0;
    if (model instanceof Gpt2ForSequenceClassification classifier) {
      ProblemType problemType = ProblemType.ofLoss(model.config());
      classifier.setLoss(loss(problemType, plain));
      if (computeMetrics == null) {
        int classes = model.config().numLabels();
        computeMetrics = p -> Evaluation.scores(p, problemType, classes);
      }
    } else if (!plain) {
      throw new IllegalArgumentException(
          "label_smoothing_factor, class_weights, logit_adjustment: expected a classifier, found a language model");
    }
    if (labelNames != null && labelNames.size() != model.config().numLabels()) {
      throw new IllegalArgumentException(
          "label_names: expected "
              + model.config().numLabels()
              + " names, one for each class, found "
              + labelNames);
    }
    return new Trainer(this);
  }

  /**
   * @param plain whether there is nothing but the labels
   */
  private Loss loss(ProblemType problemType, boolean plain) {
    if (problemType == ProblemType.SINGLE_LABEL_CLASSIFICATION) {
      return new CrossEntropyLoss(args.labelSmoothingFactor(), classWeights, logitOffsets);
    }
    if (!plain) {
      throw new IllegalArgumentException(
          "label_smoothing_factor, class_weights, logit_adjustment: expected problem_type "
              + ProblemType.SINGLE_LABEL_CLASSIFICATION
              + ", found "
              + problemType);
    }
    return problemType.newLoss();
  }

  /** Known before training where the metrics are ours. */
  private void checkMetric() {
    String metric = args.metricForBestModel();
    if (evalDataset == null || metric == null || computeMetrics != null) {
      return;
    }
    Set<String> known = new TreeSet<>(Set.of("loss"));
    if (model instanceof Gpt2ForSequenceClassification) {
      known.addAll(
          switch (ProblemType.ofLoss(model.config())) {
            case SINGLE_LABEL_CLASSIFICATION ->
                ClassificationMetrics.names(model.config().numLabels());
            case MULTI_LABEL_CLASSIFICATION -> MultiLabelMetrics.NAMES;
            case REGRESSION -> RegressionMetrics.NAMES;
          });
    }
    String name = metric.replaceFirst("^eval_", "");
    if (!known.contains(name)) {
      throw new IllegalArgumentException(
          "metric_for_best_model: expected one of " + known + ", found " + metric);
    }
    if (RegressionMetrics.ERRORS.contains(name) && args.greaterIsBetter()) {
      throw new IllegalArgumentException(
          "greater_is_better: expected false, since metric_for_best_model is "
              + metric
              + ", found true");
    }
  }

  private void checkIds(String name, TrainingData data) {
    int vocabSize = model.config().vocabSize();
    for (int i = 0; i < data.size(); i++) {
      for (int id : data.inputIds(i)) {
        if (id < 0 || id >= vocabSize) {
          throw new IllegalArgumentException(
              String.format(
                  "%s: expected token ids below the model's vocab_size %s, found %s in example %s:"
                      + " is the tokenizer that of the model?",
                  name, vocabSize, id, i));
        }
      }
    }
  }
}
