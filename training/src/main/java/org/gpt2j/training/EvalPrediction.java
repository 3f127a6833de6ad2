package org.gpt2j.training;

import org.gpt2j.nn.Labels;

/**
 * What compute_metrics looks at.
 *
 * @param predictions logits [N, classes]
 * @param labels class indices [N], or numbers [N, classes]
 */
public record EvalPrediction(float[][] predictions, Labels labels) {
  /**
   * Of one class a text.
   *
   * @param predictions logits [N, classes]
   * @param labelIds class indices [N]
   */
  public EvalPrediction(float[][] predictions, int[] labelIds) {
    this(predictions, new Labels.Ids(labelIds));
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
