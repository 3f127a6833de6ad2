package org.gpt2j.training.baseline;

/**
 * Always says the same class, as scikit-learn's {@code DummyClassifier(strategy='constant')}:
 * always ham, for one.
 *
 * @param numLabels how many classes there are
 * @param label the class that is said
 */
public record ConstantBaseline(int numLabels, int label) implements Baseline {
  /**
   * @throws IllegalArgumentException if there is no such class
   */
  public ConstantBaseline {
    if (label < 0 || label >= numLabels) {
      throw new IllegalArgumentException(
          "label: expected a class from 0 to " + (numLabels - 1) + ", found " + label);
    }
  }

  @Override
  public double[] probabilities(String text) {
    double[] probabilities = new double[numLabels];
    probabilities[label] = 1;
    return probabilities;
  }
}
