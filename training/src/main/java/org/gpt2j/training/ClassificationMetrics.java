package org.gpt2j.training;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.gpt2j.training.calibration.Calibration;

/**
 * Counts of predictions against labels, and scikit-learn's scores from them. Precision, recall and
 * F1 of two classes are those of label 1 (average="binary"). Those of more classes are the means
 * over the classes that occur as a label or as a prediction (average="macro"). A ratio of nothing
 * is 0 (zero_division=0).
 */
public final class ClassificationMetrics {
  private final long[][] confusion;
  private final RocAuc rocAuc = new RocAuc();

  /**
   * @param classes number of classes
   */
  public ClassificationMetrics(int classes) {
    confusion = new long[classes][classes];
  }

  /**
   * Counts examples.
   *
   * @param calibrated logits [N, classes] that the calibration was applied to
   * @param labels class indices [N]
   * @param calibration which decides from the logits what is predicted
   */
  public static ClassificationMetrics of(
      float[][] calibrated, int[] labels, Calibration calibration) {
    ClassificationMetrics metrics = new ClassificationMetrics(calibration.bias().size());
    for (int i = 0; i < labels.length; i++) {
      metrics.add(labels[i], calibrated[i], calibration);
    }
    return metrics;
  }

  /** Counts an example; without its logits it has no part in {@link #rocAuc}. */
  public void add(int label, int prediction) {
    confusion[label][prediction]++;
  }

  /** Counts an example with the model's logits [classes]; the largest one is the prediction. */
  public void add(int label, float[] logits) {
    add(label, logits, Calibration.identity(confusion.length));
  }

  /**
   * Counts an example.
   *
   * @param calibrated logits [classes] that the calibration was applied to
   * @param calibration which decides from them what is predicted
   */
  public void add(int label, float[] calibrated, Calibration calibration) {
    add(label, calibration.decide(calibrated));
    if (confusion.length == 2) {
      rocAuc.add(Calibration.probabilities(calibrated)[1], label == 1);
    }
  }

  /** A copy of the counts [label][prediction]. */
  public long[][] confusionMatrix() {
    return Arrays.stream(confusion).map(long[]::clone).toArray(long[][]::new);
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
    for (int k = 0; k < confusion.length; k++) {
      n += actual(k);
    }
    return n;
  }

  private long actual(int k) {
    return Arrays.stream(confusion[k]).sum();
  }

  private long predicted(int k) {
    return Arrays.stream(confusion).mapToLong(row -> row[k]).sum();
  }

  /** True positives of all predicted positives. */
  public double precision() {
    return average(k -> ratio(confusion[k][k], predicted(k)));
  }

  /** True positives of all positives; of two classes the share of the spam that is caught. */
  public double recall() {
    return average(k -> ratio(confusion[k][k], actual(k)));
  }

  /** Harmonic mean of precision and recall, class by class. */
  public double f1() {
    return average(k -> ratio(2 * confusion[k][k], predicted(k) + actual(k)));
  }

  private double average(IntToDoubleFunction score) {
    if (confusion.length == 2) {
      return score.applyAsDouble(1);
    }
    return IntStream.range(0, confusion.length)
        .filter(k -> predicted(k) + actual(k) > 0)
        .mapToDouble(score)
        .average()
        .orElse(0);
  }

  /**
   * Share of the examples of label 0 that are taken for label 1, such as ham that is blocked.
   *
   * @throws IllegalStateException if there are not two classes
   */
  public double falsePositiveRate() {
    if (confusion.length != 2) {
      throw new IllegalStateException(
          "false positive rate: expected 2 classes, found " + confusion.length);
    }
    return ratio(confusion[0][1], actual(0));
  }

  /**
   * Area under the ROC curve of the softmax probability of label 1, over the examples that were
   * added with logits. NaN if there are not two classes, or not examples of both.
   */
  public double rocAuc() {
    return rocAuc.value();
  }

  /** Matthews correlation coefficient for any number of classes (Gorodkin 2004); 0 if undefined. */
  public double mcc() {
    double n = total();
    double right = 0;
    double cross = 0;
    double predictedSquares = 0;
    double actualSquares = 0;
    for (int k = 0; k < confusion.length; k++) {
      double predicted = predicted(k);
      double actual = actual(k);
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

  /** Names of all scores of so many classes, without a prefix. */
  static Set<String> names(int classes) {
    Set<String> names = new TreeSet<>(new ClassificationMetrics(classes).scores("").keySet());
    if (classes == 2) {
      names.add("roc_auc");
    }
    return names;
  }

  /**
   * All scores by name, each with a prefix such as `eval_`: accuracy, precision, recall, f1, mcc
   * and, where it is defined, roc_auc.
   */
  public Map<String, Double> scores(String prefix) {
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put(prefix + "accuracy", accuracy());
    scores.put(prefix + "precision", precision());
    scores.put(prefix + "recall", recall());
    scores.put(prefix + "f1", f1());
    scores.put(prefix + "mcc", mcc());
    double area = rocAuc();
    if (!Double.isNaN(area)) {
      scores.put(prefix + "roc_auc", area);
    }
    return scores;
  }
}
