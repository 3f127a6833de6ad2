package org.gpt2j.training;

/**
 * What a classifier says of a text.
 *
 * @param text the text
 * @param label name of the most likely class, from id2label
 * @param score its probability, the softmax of the logits
 * @param logits one a class
 * @param tokenIds what the model read
 */
public record Classification(
    String text, String label, double score, float[] logits, int[] tokenIds) {

  /** Probability of each class, in the order of the logits: their softmax. */
  public double[] probabilities() {
    return Evaluation.softmax(logits);
  }
}
