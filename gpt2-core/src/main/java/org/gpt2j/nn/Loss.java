package org.gpt2j.nn;

import org.nd4j.linalg.api.ndarray.INDArray;

/** How far the logits of a classifier are from its labels, in the mean. */
public sealed interface Loss permits CrossEntropyLoss, ElementwiseLoss {
  /**
   * @throws IllegalArgumentException if the loss is made for another number of classes
   */
  void checkClasses(int classes);

  /**
   * @throws IllegalArgumentException if the labels are not of the kind that is measured here, or do
   *     not fit a number of classes
   */
  void checkLabels(Labels labels, int classes);

  /**
   * Mean loss.
   *
   * @param logits [N, C]
   * @param labels of the N rows
   */
  double mean(float[][] logits, Labels labels);

  /**
   * Mean loss and its gradient.
   *
   * @param logits [N, C], on return the gradient with respect to them
   * @param labels of the N rows
   * @param gradScale factor of the gradient
   */
  double forwardBackward(INDArray logits, Labels labels, double gradScale);
}
