package org.gpt2j.nn;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The mean over all elements of [N, C] of a function of logit and label. */
abstract sealed class ElementwiseLoss implements Loss permits BceWithLogitsLoss, MseLoss {
  /** The loss of a logit x with label y. */
  abstract double value(double x, double y);

  /** Its derivative with respect to the logit. */
  abstract double slope(double x, double y);

  /** Whether a label can be measured against. */
  abstract boolean isLabel(float y);

  /** What labels are, for a message. */
  abstract String expected();

  @Override
  public void checkClasses(int classes) {}

  @Override
  public void checkLabels(Labels labels, int classes) {
    for (float[] row : labels.values()) {
      if (row.length != classes) {
        throw new IllegalArgumentException(
            "labels: expected " + classes + " numbers for each sequence, found " + row.length);
      }
      for (float y : row) {
        if (!isLabel(y)) {
          throw new IllegalArgumentException("labels: expected " + expected() + ", found " + y);
        }
      }
    }
  }

  @Override
  public double mean(float[][] logits, Labels labels) {
    float[][] values = labels.values();
    double loss = 0;
    long elements = 0;
    for (int i = 0; i < values.length; i++) {
      for (int c = 0; c < values[i].length; c++) {
        loss += value(logits[i][c], values[i][c]);
      }
      elements += values[i].length;
    }
    return loss / elements;
  }

  @Override
  public double forwardBackward(INDArray logits, Labels labels, double gradScale) {
    float[][] values = labels.values();
    double elements = logits.length();
    double loss = 0;
    for (int i = 0; i < values.length; i++) {
      double[] row = logits.getRow(i).toDoubleVector();
      for (int c = 0; c < row.length; c++) {
        loss += value(row[c], values[i][c]);
        logits.putScalar(i, c, slope(row[c], values[i][c]) * gradScale / elements);
      }
    }
    return loss / elements;
  }
}
