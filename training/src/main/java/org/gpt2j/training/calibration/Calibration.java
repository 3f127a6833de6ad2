package org.gpt2j.training.calibration;

import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import org.gpt2j.model.ProblemType;

/**
 * Makes of a classifier's logits probabilities that agree with frequencies: softmax(logits /
 * temperature + bias). This is temperature scaling (Guo et al. 2017, On Calibration of Modern
 * Neural Networks) with a bias a class (Alexandari et al. 2020); of two classes it is Platt's
 * sigmoid of the difference of the logits (1999). Of two classes it also says from which
 * probability of the second on a text gets that label, such as spam.
 *
 * @param temperature above 0; 1 changes nothing
 * @param bias [classes], added to the logits; 0 changes nothing
 * @param threshold probability of class 1, in (0, 1), from which on it is the label; empty: the
 *     class with the highest probability is
 */
public record Calibration(double temperature, List<Double> bias, OptionalDouble threshold) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException naming the first that is not as described above
   */
  public Calibration {
    bias = List.copyOf(bias);
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "temperature: expected a number above 0, found " + temperature);
    }
    for (double b : bias) {
      if (!Double.isFinite(b)) {
        throw new IllegalArgumentException("bias: expected finite numbers, found " + b);
      }
    }
    if (threshold.isPresent()) {
      double t = threshold.getAsDouble();
      if (bias.size() != 2) {
        throw new IllegalArgumentException(
            "threshold: expected 2 classes for it, found " + bias.size());
      }
      if (!(t > 0 && t < 1)) {
        throw new IllegalArgumentException(
            "threshold: expected a probability between 0 and 1, found " + t);
      }
    }
  }

  /** Changes nothing. */
  public static Calibration identity(int classes) {
    return new Calibration(1, Collections.nCopies(classes, 0.0), OptionalDouble.empty());
  }

  /** Whether it changes neither a probability nor a label. */
  public boolean isIdentity() {
    return temperature == 1 && bias.stream().allMatch(b -> b == 0) && threshold.isEmpty();
  }

  /** The same probabilities with a threshold; see the record. */
  public Calibration withThreshold(double threshold) {
    return new Calibration(temperature, bias, OptionalDouble.of(threshold));
  }

  /**
   * Logits whose softmax are the probabilities.
   *
   * @param logits [classes], a model's
   * @return [classes]
   */
  public float[] apply(float[] logits) {
    float[] calibrated = new float[logits.length];
    for (int c = 0; c < logits.length; c++) {
      calibrated[c] = (float) (logits[c] / temperature + bias.get(c));
    }
    return calibrated;
  }

  /**
   * The probability of each class.
   *
   * @param calibrated [classes], made by {@link #apply}
   * @return [classes]
   */
  public static double[] probabilities(float[] calibrated) {
    return ProblemType.SINGLE_LABEL_CLASSIFICATION.scores(calibrated);
  }

  /**
   * The class that a text gets.
   *
   * @param calibrated [classes], made by {@link #apply}
   */
  public int decide(float[] calibrated) {
    if (threshold.isPresent()) {
      return probabilities(calibrated)[1] >= threshold.getAsDouble() ? 1 : 0;
    }
    return argmax(calibrated);
  }

  /** The class with the highest logit, of equal ones the first. */
  public static int argmax(float[] logits) {
    int best = 0;
    for (int c = 1; c < logits.length; c++) {
      best = logits[c] > logits[best] ? c : best;
    }
    return best;
  }
}
