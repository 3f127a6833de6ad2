package org.gpt2j.training.calibration;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Precision against recall at every threshold; equals scikit-learn's precision_recall_curve without
 * the point that it adds at recall 0.
 *
 * @param points from the highest threshold to the lowest
 */
public record PrecisionRecallCurve(List<Point> points) {
  /**
   * What is reached where every text from this score on gets label 1.
   *
   * @param precision part of those texts that have label 1
   * @param recall part of the texts with label 1 that are among them
   */
  public record Point(double threshold, double precision, double recall) {}

  /**
   * The curve of scores.
   *
   * @param scores the higher, the more of label 1 [N]
   * @param labels 0 or 1 [N]
   * @throws IllegalArgumentException if no label is 1
   */
  public static PrecisionRecallCurve of(double[] scores, int[] labels) {
    long positives = IntStream.of(labels).filter(label -> label == 1).count();
    if (positives == 0) {
      throw new IllegalArgumentException("precision and recall: expected a text of label 1");
    }
    List<Integer> order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -scores[i]))
            .toList();
    List<Point> points = new ArrayList<>();
    int hits = 0;
    for (int n = 1; n <= scores.length; n++) {
      int i = order.get(n - 1);
      hits += labels[i];
      boolean last = n == scores.length || scores[order.get(n)] < scores[i];
      if (last) {
        points.add(new Point(scores[i], (double) hits / n, (double) hits / positives));
      }
    }
    return new PrecisionRecallCurve(List.copyOf(points));
  }

  /** The mean of the precisions, weighted by the growth of the recall: average_precision_score. */
  public double averagePrecision() {
    double sum = 0;
    double before = 0;
    for (Point point : points) {
      sum += (point.recall - before) * point.precision;
      before = point.recall;
    }
    return sum;
  }
}
