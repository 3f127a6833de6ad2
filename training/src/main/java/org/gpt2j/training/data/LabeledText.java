package org.gpt2j.training.data;

import java.util.Objects;

/**
 * One message and its label.
 *
 * @param label the name of its class, such as {@code ham}; never empty
 * @param text the message, never empty: a classifier has no last token to look at in an empty one,
 *     and pandas reads an empty CSV field as NaN
 */
public record LabeledText(String label, String text) {
  /**
   * @throws IllegalArgumentException if the label or the text is empty
   */
  public LabeledText {
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(text, "text");
    if (label.isEmpty()) {
      throw new IllegalArgumentException("expected a label, found nothing");
    }
    if (text.isEmpty()) {
      throw new IllegalArgumentException("expected a text after the label, found nothing");
    }
  }
}
