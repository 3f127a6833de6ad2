package org.gpt2j.training;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gpt2j.model.ProblemType;
import org.gpt2j.training.calibration.Calibration;
import org.gpt2j.training.data.MultiLabel;

/**
 * What a classifier says of a text.
 *
 * @param text the text
 * @param problemType what the logits mean
 * @param label name of a class, from id2label: the one with the highest score, or of two the second
 *     from the {@link Calibration#threshold} on
 * @param score its probability, which under a threshold may be below one half; of a regression its
 *     value
 * @param labels the classes that hold: the label, where one of the classes does; where each holds
 *     or not, those with a probability above one half, perhaps none; of a regression none
 * @param scores probability of each class by its name, in the order of the logits; of a regression
 *     the values
 * @param logits one a class, as the model gave them
 * @param tokenIds what the model read
 */
public record Classification(
    String text,
    ProblemType problemType,
    String label,
    double score,
    List<String> labels,
    Map<String, Double> scores,
    float[] logits,
    int[] tokenIds) {

  /**
   * Makes it of a model's logits.
   *
   * @param names of the classes, in the order of the logits
   * @param calibration identity where the problem is not to find one label
   */
  static Classification of(
      EncodedText text,
      ProblemType problemType,
      List<String> names,
      float[] logits,
      Calibration calibration) {
    float[] calibrated = calibration.apply(logits);
    double[] scores = problemType.scores(calibrated);
    int best = calibration.decide(calibrated);
    List<String> labels =
        switch (problemType) {
          case SINGLE_LABEL_CLASSIFICATION -> List.of(names.get(best));
          case MULTI_LABEL_CLASSIFICATION -> MultiLabel.holding(scores, names);
          case REGRESSION -> List.of();
        };
    Map<String, Double> byName = new LinkedHashMap<>();
    for (int c = 0; c < scores.length; c++) {
      byName.put(names.get(c), scores[c]);
    }
    return new Classification(
        text.text(),
        problemType,
        names.get(best),
        scores[best],
        labels,
        Collections.unmodifiableMap(byName),
        logits,
        text.tokenIds());
  }

  /**
   * Probability of each class, in the order of the logits: their softmax after the calibration, or
   * the sigmoid of each.
   *
   * @throws IllegalStateException of a regression, which has none
   */
  public double[] probabilities() {
    if (problemType == ProblemType.REGRESSION) {
      throw new IllegalStateException("probabilities: expected classes, found a regression");
    }
    return scores.values().stream().mapToDouble(p -> p).toArray();
  }
}
