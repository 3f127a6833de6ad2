package org.gpt2j.training;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.gpt2j.model.ProblemType;

/**
 * Scores of texts of which several classes may hold, as scikit-learn computes them from indicator
 * matrices. A class is predicted where its probability is above one half. accuracy is the part of
 * the texts of which every class is right; average="micro" counts all classes together, "macro" is
 * the mean over the classes. A ratio of nothing is 0 (zero_division=0).
 */
final class MultiLabelMetrics {
  static final Set<String> NAMES =
      Set.of(
          "accuracy",
          "precision_micro",
          "recall_micro",
          "f1_micro",
          "precision_macro",
          "recall_macro",
          "f1_macro");

  private final long[] right;
  private final long[] predicted;
  private final long[] actual;
  private int texts;
  private int allRight;

  private MultiLabelMetrics(int classes) {
    right = new long[classes];
    predicted = new long[classes];
    actual = new long[classes];
  }

  /**
   * @param logits [N, classes]
   * @param labels [N, classes], above one half where a class holds
   */
  static MultiLabelMetrics of(float[][] logits, float[][] labels) {
    MultiLabelMetrics metrics = new MultiLabelMetrics(labels.length == 0 ? 0 : labels[0].length);
    for (int i = 0; i < labels.length; i++) {
      metrics.add(ProblemType.MULTI_LABEL_CLASSIFICATION.scores(logits[i]), labels[i]);
    }
    return metrics;
  }

  private void add(double[] probabilities, float[] labels) {
    boolean same = true;
    for (int c = 0; c < labels.length; c++) {
      boolean says = probabilities[c] > 0.5;
      boolean holds = labels[c] > 0.5;
      right[c] += says && holds ? 1 : 0;
      predicted[c] += says ? 1 : 0;
      actual[c] += holds ? 1 : 0;
      same &= says == holds;
    }
    texts++;
    allRight += same ? 1 : 0;
  }

  private double macro(IntToDoubleFunction score) {
    return IntStream.range(0, right.length).mapToDouble(score).average().orElse(0);
  }

  private static double ratio(long a, long b) {
    return b == 0 ? 0 : (double) a / b;
  }

  /** accuracy, and precision, recall and F1 by both averages. */
  Map<String, Double> scores() {
    long allPredicted = Arrays.stream(predicted).sum();
    long allActual = Arrays.stream(actual).sum();
    long hits = Arrays.stream(right).sum();
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put("accuracy", ratio(allRight, texts));
    scores.put("precision_micro", ratio(hits, allPredicted));
    scores.put("recall_micro", ratio(hits, allActual));
    scores.put("f1_micro", ratio(2 * hits, allPredicted + allActual));
    scores.put("precision_macro", macro(c -> ratio(right[c], predicted[c])));
    scores.put("recall_macro", macro(c -> ratio(right[c], actual[c])));
    scores.put("f1_macro", macro(c -> ratio(2 * right[c], predicted[c] + actual[c])));
    return scores;
  }
}
