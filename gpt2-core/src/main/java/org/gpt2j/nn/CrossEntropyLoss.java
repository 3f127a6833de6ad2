package org.gpt2j.nn;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The loss of a classifier, torch.nn.CrossEntropyLoss with its {@code weight} and {@code
 * label_smoothing}: with q_c = w_c ((1 - e) [c = label] + e / C) the loss of a row is {@code -sum_c
 * q_c log p_c}, and that of a batch the rows' sum over the sum of the labels' weights. With offsets
 * o, p is the softmax of logits + o: the logit adjustment of Menon et al. 2021 (arXiv 2007.07314,
 * equation 10).
 */
public final class CrossEntropyLoss implements Loss {
  private final double labelSmoothing;
  private final double[] classWeights;
  private final double[] logitOffsets;

  /** Without smoothing or weights. */
  public CrossEntropyLoss() {
    this(0, null, null);
  }

  /**
   * @param labelSmoothing e above, from 0 to below 1
   * @param classWeights w above, one above 0 for each class; null: all 1
   * @param logitOffsets o above, one for each class; null: all 0
   */
  public CrossEntropyLoss(double labelSmoothing, double[] classWeights, double[] logitOffsets) {
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new IllegalArgumentException(
          "label_smoothing_factor: expected a number in [0, 1), found " + labelSmoothing);
    }
    if (classWeights != null
        && !Arrays.stream(classWeights).allMatch(w -> w > 0 && Double.isFinite(w))) {
      throw new IllegalArgumentException(
          "class_weights: expected numbers above 0, found " + Arrays.toString(classWeights));
    }
    if (logitOffsets != null && !Arrays.stream(logitOffsets).allMatch(Double::isFinite)) {
      throw new IllegalArgumentException(
          "logit_adjustment: expected numbers, found " + Arrays.toString(logitOffsets));
    }
    this.labelSmoothing = labelSmoothing;
    this.classWeights = classWeights == null ? null : classWeights.clone();
    this.logitOffsets = logitOffsets == null ? null : logitOffsets.clone();
  }

  /**
   * @throws IllegalArgumentException if there are weights or offsets for another number of classes
   */
  @Override
  public void checkClasses(int classes) {
    checkLength("class_weights", classWeights, classes);
    checkLength("logit_adjustment", logitOffsets, classes);
  }

  private static void checkLength(String name, double[] values, int classes) {
    if (values != null && values.length != classes) {
      throw new IllegalArgumentException(
          name + ": expected one for each of " + classes + " classes, found " + values.length);
    }
  }

  @Override
  public void checkLabels(Labels labels, int classes) {
    for (int label : labels.ids()) {
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException("label " + label + " is outside 0.." + (classes - 1));
      }
    }
  }

  private double weight(int c) {
    return classWeights == null ? 1 : classWeights[c];
  }

  private double target(int c, int label, int classes) {
    return weight(c) * ((c == label ? 1 - labelSmoothing : 0) + labelSmoothing / classes);
  }

  @Override
  public double mean(float[][] logits, Labels labels) {
    return mean(logits, labels.ids());
  }

  /**
   * Mean loss, in nats.
   *
   * @param logits [N, C]
   * @param labels N class indices
   */
  public double mean(float[][] logits, int[] labels) {
    double loss = 0;
    double weights = 0;
    for (int i = 0; i < labels.length; i++) {
      float[] x = logits[i];
      double[] row = new double[x.length];
      Arrays.setAll(row, c -> x[c]);
      loss += row(row, labels[i]);
      weights += weight(labels[i]);
    }
    return loss / weights;
  }

  @Override
  public double forwardBackward(INDArray logits, Labels labels, double gradScale) {
    return forwardBackward(logits, labels.ids(), gradScale);
  }

  /**
   * Mean loss, in nats, and its gradient.
   *
   * @param logits [N, C], on return the gradient with respect to them
   * @param labels N class indices
   * @param gradScale factor of the gradient
   */
  public double forwardBackward(INDArray logits, int[] labels, double gradScale) {
    double weights = 0;
    for (int label : labels) {
      weights += weight(label);
    }
    double loss = 0;
    for (int i = 0; i < labels.length; i++) {
      double[] row = logits.getRow(i).toDoubleVector();
      loss += row(row, labels[i]);
      for (int c = 0; c < row.length; c++) {
        logits.putScalar(i, c, row[c] * gradScale / weights);
      }
    }
    return loss / weights;
  }

  /** The loss of a row of logits, which become the gradient. */
  private double row(double[] x, int label) {
    for (int c = 0; logitOffsets != null && c < x.length; c++) {
      x[c] += logitOffsets[c];
    }
    double max = Arrays.stream(x).max().getAsDouble();
    double sum = 0;
    for (double v : x) {
      sum += Math.exp(v - max);
    }
    double logSum = max + Math.log(sum);
    double loss = 0;
    double targets = 0;
    for (int c = 0; c < x.length; c++) {
      double q = target(c, label, x.length);
      // 0 times an infinite logit is no number.
      loss += q == 0 ? 0 : q * (logSum - x[c]);
      targets += q;
    }
    for (int c = 0; c < x.length; c++) {
      x[c] = targets * Math.exp(x[c] - logSum) - target(c, label, x.length);
    }
    return loss;
  }

  @Override
  public String toString() {
    String text =
        "label_smoothing " + labelSmoothing + ", class_weights " + Arrays.toString(classWeights);
    return logitOffsets == null
        ? text
        : text + ", logit_adjustment " + Arrays.toString(logitOffsets);
  }
}
