package org.gpt2j.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.Labels;
import org.gpt2j.nn.Loss;
import org.gpt2j.training.calibration.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs a model over a data set without gradients, long sequences first. */
final class Evaluation {
  /** Tokens of a batch at most: matrix products are at their full speed from about half of it. */
  static final int TOKENS = 1024;

  private final int batchSize;
  private final DataCollator collator;
  private final Runnable afterBatch;

  /**
   * @param batchSize sequences of a batch at most
   * @param afterBatch called after each batch
   */
  Evaluation(int batchSize, DataCollator collator, Runnable afterBatch) {
    this.batchSize = batchSize;
    this.collator = collator;
    this.afterBatch = afterBatch;
  }

  /** Logits [N, classes] and the labels of each example, in the order of the data. */
  EvalPrediction predict(Gpt2ForSequenceClassification model, TrainingData data) {
    float[][] logits = new float[data.size()][];
    List<Labels> labels = new ArrayList<>();
    int[] places = new int[data.size()];
    int done = 0;
    for (int[] indices : batches(data, batchSize)) {
      DataCollator.Batch batch = collator.collate(data, indices);
      INDArray out = model.forward(batch.inputs());
      for (int i = 0; i < indices.length; i++) {
        logits[indices[i]] = out.getRow(i).toFloatVector();
        places[indices[i]] = done++;
      }
      labels.add(batch.targets());
      afterBatch.run();
    }
    return new EvalPrediction(logits, Labels.join(labels).at(places));
  }

  /**
   * @param computeMetrics scores by name, without the prefix
   */
  PredictionOutput classify(
      Gpt2ForSequenceClassification model,
      TrainingData data,
      String prefix,
      Function<EvalPrediction, Map<String, Double>> computeMetrics) {
    return classify(model, data, model.loss(), prefix, computeMetrics);
  }

  /**
   * @param loss what is measured, which may be another than the model is trained by
   * @param computeMetrics scores by name, without the prefix
   */
  PredictionOutput classify(
      Gpt2ForSequenceClassification model,
      TrainingData data,
      Loss loss,
      String prefix,
      Function<EvalPrediction, Map<String, Double>> computeMetrics) {
    long start = System.nanoTime();
    EvalPrediction predicted = predict(model, data);
    return measure(predicted, model.config().numLabels(), loss, prefix, computeMetrics, start);
  }

  /**
   * Loss, scores and speed of what was predicted.
   *
   * @param loss what is measured
   * @param computeMetrics scores by name, without the prefix
   * @param start the {@link System#nanoTime} at which predicting began
   */
  PredictionOutput measure(
      EvalPrediction predicted,
      int classes,
      Loss loss,
      String prefix,
      Function<EvalPrediction, Map<String, Double>> computeMetrics,
      long start) {
    loss.checkLabels(predicted.labels(), classes);
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(prefix + "loss", loss.mean(predicted.predictions(), predicted.labels()));
    computeMetrics.apply(predicted).forEach((name, value) -> values.put(prefix + name, value));
    speed(values, prefix, start, predicted.predictions().length);
    return new PredictionOutput(predicted.predictions(), predicted.labels(), values);
  }

  /** The default of compute_metrics, by what the labels are. */
  static Map<String, Double> scores(EvalPrediction p, ProblemType problemType, int classes) {
    return scores(p, problemType, Calibration.identity(classes));
  }

  /**
   * The default of compute_metrics, by what the labels are.
   *
   * @param p with logits that the calibration was applied to
   * @param calibration what decides which class is said
   */
  static Map<String, Double> scores(
      EvalPrediction p, ProblemType problemType, Calibration calibration) {
    return switch (problemType) {
      case SINGLE_LABEL_CLASSIFICATION -> scores(p, calibration);
      case MULTI_LABEL_CLASSIFICATION ->
          MultiLabelMetrics.of(p.predictions(), p.labels().values()).scores();
      case REGRESSION -> RegressionMetrics.scores(p.predictions(), p.labels().values());
    };
  }

  /** The default of compute_metrics of one class a text. */
  static Map<String, Double> scores(EvalPrediction p, int classes) {
    return scores(p, Calibration.identity(classes));
  }

  private static Map<String, Double> scores(EvalPrediction p, Calibration calibration) {
    return ClassificationMetrics.of(p.predictions(), p.labelIds(), calibration).scores("");
  }

  Map<String, Double> languageModel(Gpt2LMHeadModel model, TrainingData data, String prefix) {
    long start = System.nanoTime();
    double loss = 0;
    long predicted = 0;
    for (int[] indices : batches(data, batchSize)) {
      DataCollator.Batch batch = collator.collate(data, indices);
      int targets = batch.inputs().tokens() - batch.inputs().sequences();
      loss += model.loss(batch.inputs(), batch.labels()) * targets;
      predicted += targets;
      afterBatch.run();
    }
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(prefix + "loss", loss / predicted);
    speed(values, prefix, start, data.size());
    return values;
  }

  /** transformers' speed_metrics, with its rounding. */
  private void speed(Map<String, Double> values, String prefix, long start, int samples) {
    double seconds = (System.nanoTime() - start) / 1e9;
    values.put(prefix + "runtime", round(seconds, 1e4));
    values.put(prefix + "samples_per_second", round(samples / seconds, 1e3));
    int steps = (samples - 1) / batchSize + 1;
    values.put(prefix + "steps_per_second", round(steps / seconds, 1e3));
  }

  static double round(double value, double scale) {
    return Math.rint(value * scale) / scale;
  }

  /**
   * Numbers of the examples of each batch: the longest first, as many as fill a batch of TOKENS
   * tokens, but no more than maxSequences. One example alone may be longer.
   */
  static List<int[]> batches(TrainingData data, int maxSequences) {
    int[] order =
        IntStream.range(0, data.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> -data.inputIds(i).length))
            .mapToInt(Integer::intValue)
            .toArray();
    List<int[]> batches = new ArrayList<>();
    int first = 0;
    int tokens = 0;
    for (int i = 0; i < order.length; i++) {
      int length = data.inputIds(order[i]).length;
      if (i > first && (tokens + length > TOKENS || i - first == maxSequences)) {
        batches.add(Arrays.copyOfRange(order, first, i));
        first = i;
        tokens = 0;
      }
      tokens += length;
    }
    if (first < order.length) {
      batches.add(Arrays.copyOfRange(order, first, order.length));
    }
    return batches;
  }
}
