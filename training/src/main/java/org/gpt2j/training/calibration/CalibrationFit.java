package org.gpt2j.training.calibration;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Fits a {@link Calibration} to labelled texts that the model was not trained on: the temperature,
 * and of two classes the bias of the second, with the least cross entropy. As Platt (1999) has it,
 * the labels are softened by the rule of Laplace: of n texts in all, n_k of class k and K classes,
 * a text of class k counts as k by (n_k + 1) / (n_k + K) and as each other by 1 / (n_k + K), so
 * that classes that are told apart without an error still get finite numbers. Newton's method with
 * halved steps (Lin, Lin and Weng 2007): the function is convex.
 */
public final class CalibrationFit {
  private static final int MOST_STEPS = 100;
  private static final int MOST_HALVINGS = 40;
  private static final double CONVERGED = 1e-12;

  private final float[][] logits;
  private final double[][] targets;
  private final boolean hasBias;

  private CalibrationFit(float[][] logits, int[] labels) {
    this.logits = logits;
    int classes = logits[0].length;
    int[] counts = new int[classes];
    for (int label : labels) {
      counts[label]++;
    }
    this.targets = new double[labels.length][classes];
    for (int i = 0; i < labels.length; i++) {
      double n = counts[labels[i]] + classes;
      Arrays.fill(targets[i], 1 / n);
      targets[i][labels[i]] = (counts[labels[i]] + 1) / n;
    }
    this.hasBias = classes == 2;
  }

  /**
   * Fits temperature and bias; there is no threshold.
   *
   * @param logits [N, classes], finite
   * @param labels class indices [N]
   * @throws IllegalArgumentException if a class has no text, or the logits say nothing of the
   *     labels
   */
  public static Calibration fit(float[][] logits, int[] labels) {
    int classes = logits.length == 0 ? 0 : logits[0].length;
    List<Integer> missing =
        IntStream.range(0, classes)
            .filter(c -> Arrays.stream(labels).noneMatch(label -> label == c))
            .boxed()
            .toList();
    if (classes < 2 || !missing.isEmpty()) {
      throw new IllegalArgumentException(
          "calibration: expected texts of every class, found none of class "
              + (missing.isEmpty() ? "0" : missing.get(0)));
    }
    return new CalibrationFit(logits, labels).solve();
  }

  private Calibration solve() {
    double scale = 1; // of the logits: one by the temperature
    double bias = 0; // of class 1
    Step at = step(scale, bias);
    for (int i = 0; i < MOST_STEPS && at.decrement() > CONVERGED; i++) {
      double size = 1;
      Step next = null;
      for (int h = 0; h < MOST_HALVINGS; h++, size /= 2) {
        next = step(scale - size * at.scale, bias - size * at.bias);
        if (next.loss <= at.loss - 1e-4 * size * at.decrement()) {
          break;
        }
      }
      if (next.loss >= at.loss) {
        break; // no better number of this precision
      }
      scale -= size * at.scale;
      bias -= size * at.bias;
      at = next;
    }
    if (!(scale > 0)) {
      throw new IllegalArgumentException(
          "calibration: expected higher logits for the right classes, found that they say nothing"
              + " of the labels: are the labels exchanged?");
    }
    List<Double> all = new ArrayList<>(Collections.nCopies(logits[0].length, 0.0));
    all.set(1, bias);
    return new Calibration(1 / scale, all, OptionalDouble.empty());
  }

  /** Where the function is, and the step of Newton from there. */
  private record Step(double loss, double scale, double bias, double decrement) {}

  /**
   * Mean cross entropy of softmax(scale logits + bias of class 1) with its gradient and second
   * derivatives in both numbers, in double precision.
   */
  private Step step(double scale, double bias) {
    int classes = logits[0].length;
    double loss = 0;
    double g0 = 0;
    double g1 = 0;
    double h00 = 0;
    double h01 = 0;
    double h11 = 0;
    double[] p = new double[classes];
    for (int i = 0; i < logits.length; i++) {
      loss += softmax(logits[i], scale, bias, targets[i], p);
      double mean = 0;
      double meanSquare = 0;
      for (int c = 0; c < classes; c++) {
        mean += p[c] * logits[i][c];
        meanSquare += p[c] * logits[i][c] * logits[i][c];
        g0 += (p[c] - targets[i][c]) * logits[i][c];
      }
      g1 += p[1] - targets[i][1];
      h00 += meanSquare - mean * mean;
      h01 += p[1] * (logits[i][1] - mean);
      h11 += p[1] * (1 - p[1]);
    }
    double n = logits.length;
    if (!hasBias) {
      double s = g0 / (h00 + 1e-12);
      return new Step(loss / n, s, 0, s * g0 / n);
    }
    double determinant = h00 * h11 - h01 * h01 + 1e-12;
    double s = (h11 * g0 - h01 * g1) / determinant;
    double b = (h00 * g1 - h01 * g0) / determinant;
    return new Step(loss / n, s, b, (s * g0 + b * g1) / n);
  }

  /** Fills p with the probabilities and returns the cross entropy with the targets. */
  private static double softmax(
      float[] logits, double scale, double bias, double[] targets, double[] p) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < p.length; c++) {
      p[c] = scale * logits[c] + (c == 1 ? bias : 0);
      max = Math.max(max, p[c]);
    }
    double sum = 0;
    for (double x : p) {
      sum += Math.exp(x - max);
    }
    double log = max + Math.log(sum);
    double loss = 0;
    for (int c = 0; c < p.length; c++) {
      loss += targets[c] * (log - p[c]);
      p[c] = Math.exp(p[c] - log);
    }
    return loss;
  }
}
