package org.gpt2j.training.data;

import java.util.Arrays;
import java.util.List;

/** How much a mistake in each class counts in the loss. */
public final class ClassWeights {
  private ClassWeights() {}

  /**
   * The weights of scikit-learn's {@code compute_class_weight('balanced', ...)}: n / (k count) with
   * n messages, k classes and count messages of the class.
   *
   * @param labels names of the classes in the order of their ids
   * @return a weight for each class
   * @throws IllegalArgumentException if a class has no message, or a message another label
   */
  public static double[] balanced(List<LabeledText> messages, List<String> labels) {
    int[] counts = counts(messages, labels, "class_weights");
    double[] weights = new double[counts.length];
    Arrays.setAll(weights, id -> messages.size() / ((double) counts.length * counts[id]));
    return weights;
  }

  /**
   * What to add to the logits in the loss, so that the model's own logits favour the rarer class:
   * tau log(count / n), of Menon et al. 2021, arXiv 2007.07314.
   *
   * @param labels names of the classes in the order of their ids
   * @param tau 1 for balanced classes, more to favour the rarer beyond that
   * @return an offset for each class
   * @throws IllegalArgumentException if a class has no message, or a message another label
   */
  public static double[] logitAdjustment(
      List<LabeledText> messages, List<String> labels, double tau) {
    int[] counts = counts(messages, labels, "logit_adjustment");
    double[] offsets = new double[counts.length];
    Arrays.setAll(offsets, id -> tau * Math.log(counts[id] / (double) messages.size()));
    return offsets;
  }

  private static int[] counts(List<LabeledText> messages, List<String> labels, String name) {
    int[] counts = new int[labels.size()];
    for (LabeledText message : messages) {
      int id = labels.indexOf(message.label());
      if (id < 0) {
        throw new IllegalArgumentException(
            name + ": expected labels of " + labels + ", found '" + message.label() + "'");
      }
      counts[id]++;
    }
    for (int id = 0; id < counts.length; id++) {
      if (counts[id] == 0) {
        throw new IllegalArgumentException(
            name
                + ": expected messages of each class to balance them, found none of '"
                + labels.get(id)
                + "'");
      }
    }
    return counts;
  }

  /**
   * Reads an option: {@code balanced}, see {@link #balanced}, or a number for each class with
   * commas between them.
   *
   * @param messages the training messages
   * @param labels names of the classes in the order of their ids
   * @return a weight above 0 for each class
   * @throws IllegalArgumentException if the option is anything else
   */
  public static double[] parse(String option, List<LabeledText> messages, List<String> labels) {
    if (option.equals("balanced")) {
      return balanced(messages, labels);
    }
    try {
      double[] weights =
          Arrays.stream(option.split(",", -1)).mapToDouble(Double::parseDouble).toArray();
      boolean usable = Arrays.stream(weights).allMatch(w -> w > 0 && w < Double.POSITIVE_INFINITY);
      if (weights.length == labels.size() && usable) {
        return weights;
      }
    } catch (NumberFormatException e) {
      throw refused(option, labels, e);
    }
    throw refused(option, labels, null);
  }

  private static IllegalArgumentException refused(
      String option, List<String> labels, NumberFormatException cause) {
    return new IllegalArgumentException(
        String.format(
            "class_weights: expected balanced, or %s numbers above 0 with commas between them (for"
                + " %s), found '%s'",
            labels.size(), String.join(", ", labels), option),
        cause);
  }
}
