package org.gpt2j.training.data;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What a regression is to say of a text, as one label: a number, or several with | between them.
 */
public final class RegressionLabel {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

  private RegressionLabel() {}

  /** Whether a label is numbers within the range of floats. */
  public static boolean matches(String label) {
    return MultiLabel.split(label).stream().allMatch(RegressionLabel::isNumber);
  }

  private static boolean isNumber(String text) {
    return NUMBER.matcher(text).matches() && Float.isFinite(Float.parseFloat(text));
  }

  /**
   * The numbers of a label.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  public static float[] parse(String label) {
    if (!matches(label)) {
      throw new IllegalArgumentException(
          "label: expected a number, as problem_type is regression, found '"
              + Excerpt.of(label)
              + "'");
    }
    List<String> parts = MultiLabel.split(label);
    float[] values = new float[parts.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.parseFloat(parts.get(i));
    }
    return values;
  }
}
