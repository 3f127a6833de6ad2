package org.gpt2j.training.baseline;

/** A classifier of texts without a neural network. */
public interface Baseline {
  /** A probability for each class, in the order of the labels; the text may be anything. */
  double[] probabilities(String text);

  /** The class with the highest probability, the first of equal ones. */
  default int predict(String text) {
    double[] probabilities = probabilities(text);
    int best = 0;
    for (int i = 1; i < probabilities.length; i++) {
      best = probabilities[i] > probabilities[best] ? i : best;
    }
    return best;
  }
}
