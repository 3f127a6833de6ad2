package org.gpt2j.training.data;

import java.util.List;
import java.util.Objects;

/**
 * One message and its label.
 *
 * @param label {@code ham} (a wanted message) or {@code spam}
 * @param text the message, never empty: a classifier has no last token to look at in an empty one,
 *     and pandas reads an empty CSV field as NaN
 */
public record LabeledText(String label, String text) {
  /** The labels in the order of their ids, as {@code id2label} in config.json: ham 0, spam 1. */
  public static final List<String> ID2LABEL = List.of("ham", "spam");

  /**
   * @throws IllegalArgumentException if the label is none of {@link #ID2LABEL} or the text is empty
   */
  public LabeledText {
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(text, "text");
    if (!ID2LABEL.contains(label)) {
      throw new IllegalArgumentException(
          "expected the label ham or spam, found '" + Excerpt.of(label) + "'");
    }
    if (text.isEmpty()) {
      throw new IllegalArgumentException("expected a text after the label, found nothing");
    }
  }

  /** The id of the label: 0 for ham, 1 for spam. */
  public int labelId() {
    return ID2LABEL.indexOf(label);
  }
}
