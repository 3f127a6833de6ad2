package org.gpt2j.training.calibration;

import java.util.Arrays;

/** From which probability of class 1 on a text gets that label. */
public final class Threshold {
  private Threshold() {}

  /**
   * The least threshold, but not below one half, at which at most a given part of the texts of
   * class 0 is taken for class 1: halfway between the highest score that it must leave out and the
   * next score above.
   *
   * @param scores probability of class 1 of each text [N]
   * @param labels class of each, 0 or 1 [N]
   * @param maxFalsePositiveRate that part, in [0, 1)
   * @throws IllegalArgumentException if there is no text of class 0, or the part is not in [0, 1)
   */
  public static double forFalsePositiveRate(
      double[] scores, int[] labels, double maxFalsePositiveRate) {
    if (!(maxFalsePositiveRate >= 0 && maxFalsePositiveRate < 1)) {
      throw new IllegalArgumentException(
          "max_false_positive_rate: expected a number of 0 to below 1, found "
              + maxFalsePositiveRate);
    }
    double[] negative = new double[labels.length];
    int n = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == 0) {
        negative[n++] = scores[i];
      }
    }
    if (n == 0) {
      throw new IllegalArgumentException("threshold: expected texts of class 0, found none");
    }
    Arrays.sort(negative, 0, n);
    // 1e-9: 0.01 of 300 are 3, whatever the product's last bit says.
    int allowed = (int) Math.floor(maxFalsePositiveRate * n + 1e-9);
    double highestLeftOut = negative[n - 1 - allowed];
    double next = Arrays.stream(scores).filter(s -> s > highestLeftOut).min().orElse(1);
    double middle = highestLeftOut + (next - highestLeftOut) / 2;
    double threshold = middle > highestLeftOut ? middle : next;
    return Math.min(Math.max(0.5, threshold), Math.nextDown(1.0));
  }
}
