package org.gpt2j.training.data;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The label names of a data set in the order of their ids, as {@code id2label} in config.json. */
public final class LabelNames {
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+");

  private LabelNames() {}

  /**
   * Every label once: by number where all of them are integers, else as {@link String#compareTo}
   * sorts them, so that ham is 0 and spam is 1.
   *
   * @throws IllegalArgumentException if there are fewer than two
   */
  public static List<String> of(List<LabeledText> messages) {
    List<String> names = sorted(messages.stream().map(LabeledText::label));
    if (names.size() < 2) {
      throw new IllegalArgumentException("expected at least 2 different labels, found " + names);
    }
    return names;
  }

  /**
   * Every class once that a text of several ({@link MultiLabel}) has, in the same order as those of
   * one class.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static List<String> ofMultiLabel(List<LabeledText> messages) {
    List<String> names =
        sorted(messages.stream().flatMap(m -> MultiLabel.parse(m.label()).stream()));
    if (names.isEmpty()) {
      throw new IllegalArgumentException("expected labels with names of classes, found none");
    }
    return names;
  }

  private static List<String> sorted(Stream<String> labels) {
    List<String> names = labels.distinct().sorted().toList();
    if (!names.stream().allMatch(name -> INTEGER.matcher(name).matches())) {
      return names;
    }
    // The sort is stable: 01 stays before 1.
    return names.stream().sorted(Comparator.comparing(BigInteger::new)).toList();
  }
}
