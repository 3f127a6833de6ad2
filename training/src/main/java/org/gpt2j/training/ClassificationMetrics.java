package org.gpt2j.training;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts of predictions against labels, and scikit-learn's scores from them. Label 1 is the
 * positive class of precision, recall, F1 and, with more than two classes, these three are left
 * out.
 */
public final class ClassificationMetrics {
  private final long[][] confusion;

  /**
   * @param classes number of classes
   */
  public ClassificationMetrics(int classes) {
    confusion = new long[classes][classes];
  }

  public void add(int label, int prediction) {
    confusion[label][prediction]++;
  }

  /** Number of examples with this label and this prediction. */
  public long count(int label, int prediction) {
    return confusion[label][prediction];
  }

  public double accuracy() {
    long right = 0;
    for (int i = 0; i < confusion.length; i++) {
      right += confusion[i][i];
    }
    return (double) right / total();
  }

  private long total() {
    long n = 0;
    for (long[] row : confusion) {
      for (long c : row) {
        n += c;
      }
    }
    return n;
  }

  /** True positives of all predicted positives; 0 if there are none. */
  public double precision() {
    return ratio(confusion[1][1], confusion[0][1] + confusion[1][1]);
  }

  /** True positives of all positives; 0 if there are none. */
  public double recall() {
    return ratio(confusion[1][1], confusion[1][0] + confusion[1][1]);
  }

  public double f1() {
    return ratio(2 * confusion[1][1], 2 * confusion[1][1] + confusion[0][1] + confusion[1][0]);
  }

  /** Matthews correlation coefficient for any number of classes (Gorodkin 2004); 0 if undefined. */
  public double mcc() {
    double n = total();
    double right = 0;
    double cross = 0;
    double predictedSquares = 0;
    double actualSquares = 0;
    for (int k = 0; k < confusion.length; k++) {
      double predicted = 0;
      double actual = 0;
      for (int j = 0; j < confusion.length; j++) {
        predicted += confusion[j][k];
        actual += confusion[k][j];
      }
      right += confusion[k][k];
      cross += predicted * actual;
      predictedSquares += predicted * predicted;
      actualSquares += actual * actual;
    }
    double denominator = Math.sqrt((n * n - predictedSquares) * (n * n - actualSquares));
    return denominator == 0 ? 0 : (right * n - cross) / denominator;
  }

  private static double ratio(long a, long b) {
    return b == 0 ? 0 : (double) a / b;
  }

  /** All scores by name, each with a prefix such as `eval_`. */
  public Map<String, Double> scores(String prefix) {
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put(prefix + "accuracy", accuracy());
    if (confusion.length == 2) {
      scores.put(prefix + "precision", precision());
      scores.put(prefix + "recall", recall());
      scores.put(prefix + "f1", f1());
    }
    scores.put(prefix + "mcc", mcc());
    return scores;
  }
}
