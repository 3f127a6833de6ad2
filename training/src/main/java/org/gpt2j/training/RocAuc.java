package org.gpt2j.training;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Area under the ROC curve: how often a positive example has a higher score than a negative one,
 * equal scores counting one half. Computed as the rank statistic of Mann and Whitney (1947) with
 * the mean rank for equal scores; equals scikit-learn's roc_auc_score.
 */
final class RocAuc {
  private record Example(double score, boolean positive) {}

  private final List<Example> examples = new ArrayList<>();

  void add(double score, boolean positive) {
    examples.add(new Example(score, positive));
  }

  /** In [0, 1]; NaN without a positive example, without a negative one or with a score of NaN. */
  double value() {
    if (examples.stream().anyMatch(e -> Double.isNaN(e.score))) {
      return Double.NaN;
    }
    List<Example> sorted =
        examples.stream().sorted(Comparator.comparingDouble(Example::score)).toList();
    double ranks = 0;
    double positives = 0;
    int end;
    for (int start = 0; start < sorted.size(); start = end) {
      int tiedPositives = 0;
      for (end = start;
          end < sorted.size() && sorted.get(end).score == sorted.get(start).score;
          end++) {
        tiedPositives += sorted.get(end).positive ? 1 : 0;
      }
      ranks += tiedPositives * (start + 1 + end) / 2.0;
      positives += tiedPositives;
    }
    double negatives = sorted.size() - positives;
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
  }
}
