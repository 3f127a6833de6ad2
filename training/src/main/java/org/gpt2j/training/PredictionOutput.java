package org.gpt2j.training;

import java.util.Map;
import org.gpt2j.nn.Labels;

/**
 * What a model says of a data set.
 *
 * @param predictions logits [N, classes]
 * @param labels class indices [N], or numbers [N, classes]
 * @param metrics loss, scores, run time
 */
public record PredictionOutput(float[][] predictions, Labels labels, Map<String, Double> metrics) {
  /**
   * Of one class a text.
   *
   * @param predictions logits [N, classes]
   * @param labelIds class indices [N]
   * @param metrics loss, scores, run time
   */
  public PredictionOutput(float[][] predictions, int[] labelIds, Map<String, Double> metrics) {
    this(predictions, new Labels.Ids(labelIds), metrics);
  }

  /**
   * Class indices [N].
   *
   * @throws IllegalArgumentException if the labels are numbers
   */
  public int[] labelIds() {
    return labels.ids();
  }
}
