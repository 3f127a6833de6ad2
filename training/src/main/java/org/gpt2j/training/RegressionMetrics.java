package org.gpt2j.training;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;

/**
 * Scores of numbers against those that they should be: mse, mae and r2 as scikit-learn computes
 * mean_squared_error, mean_absolute_error and r2_score, the mean over the outputs where there are
 * several (multioutput="uniform_average"); pearsonr as scipy does, of one output, where it is
 * defined.
 */
final class RegressionMetrics {
  static final Set<String> NAMES = Set.of("mse", "mae", "r2", "pearsonr");

  /** Those that are the better the lower they are. */
  static final Set<String> ERRORS = Set.of("mse", "mae");

  private RegressionMetrics() {}

  /**
   * @param predictions [N, outputs]
   * @param labels [N, outputs]
   */
  static Map<String, Double> scores(float[][] predictions, float[][] labels) {
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put("mse", mean(predictions, labels, RegressionMetrics::meanSquaredError));
    scores.put("mae", mean(predictions, labels, RegressionMetrics::meanAbsoluteError));
    scores.put("r2", mean(predictions, labels, RegressionMetrics::r2));
    double r =
        labels[0].length == 1 ? pearson(column(predictions, 0), column(labels, 0)) : Double.NaN;
    if (!Double.isNaN(r)) {
      scores.put("pearsonr", r);
    }
    return scores;
  }

  private static double mean(
      float[][] predictions, float[][] labels, ToDoubleBiFunction<double[], double[]> score) {
    int outputs = labels[0].length;
    double sum = 0;
    for (int c = 0; c < outputs; c++) {
      sum += score.applyAsDouble(column(predictions, c), column(labels, c));
    }
    return sum / outputs;
  }

  private static double[] column(float[][] rows, int c) {
    double[] column = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      column[i] = rows[i][c];
    }
    return column;
  }

  private static double squares(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (x[i] - y[i]) * (x[i] - y[i]);
    }
    return sum;
  }

  private static double meanSquaredError(double[] x, double[] y) {
    return squares(x, y) / x.length;
  }

  private static double meanAbsoluteError(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += Math.abs(x[i] - y[i]);
    }
    return sum / x.length;
  }

  private static double average(double[] x) {
    double sum = 0;
    for (double v : x) {
      sum += v;
    }
    return sum / x.length;
  }

  /** Where all labels are equal: 1 if every prediction is right, else 0 (force_finite). */
  private static double r2(double[] x, double[] y) {
    double mean = average(y);
    double total = 0;
    for (double v : y) {
      total += (v - mean) * (v - mean);
    }
    double left = squares(x, y);
    return isConstant(y) ? (left == 0 ? 1 : 0) : 1 - left / total;
  }

  private static boolean isConstant(double[] x) {
    return Arrays.stream(x).allMatch(v -> v == x[0]);
  }

  private static double pearson(double[] x, double[] y) {
    if (isConstant(x) || isConstant(y)) {
      return Double.NaN;
    }
    double meanX = average(x);
    double meanY = average(y);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - meanX) * (y[i] - meanY);
      xx += (x[i] - meanX) * (x[i] - meanX);
      yy += (y[i] - meanY) * (y[i] - meanY);
    }
    return xy / Math.sqrt(xx * yy);
  }
}
