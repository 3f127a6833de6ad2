package org.gpt2j.training.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.gpt2j.nn.CounterRandom;

/**
 * Versions of messages that differ in what says nothing of their label, so that a training does not
 * learn it: hosts that end in {@code .example}, as authors must write them (RFC 2606), get endings
 * that real ones have; of half the versions all digits but the first of each number are others; of
 * three in ten a full stop at the end goes or comes; one in ten is in small letters. A version is a
 * function of the seed, the message's place and the version's number.
 */
public final class Augmentation {
  private static final Pattern HOST = Pattern.compile("\\.example\\b");
  private static final Pattern DIGIT = Pattern.compile("(?<=\\d)\\d");
  private static final String[] ENDINGS = {
    ".com", ".co.uk", ".info", ".net", ".in", ".xyz", ".org", ".com.au", ".co.za", ".ph", ".sg",
    ".co", ".me", ".top", ".online", ".ng", ".co.ke"
  };
  private static final double DIGITS = 0.5;
  private static final double FULL_STOP = 0.3;
  private static final double SMALL_LETTERS = 0.1;

  private final long key;
  private long drawn;

  private Augmentation(long key) {
    this.key = key;
  }

  /**
   * The messages so many times over, each time in another version.
   *
   * @param count versions of each message, at least 1
   * @return [count x messages]: first one version of all, then another
   * @throws IllegalArgumentException if the count is below 1
   */
  public static List<LabeledText> versions(List<LabeledText> messages, int count, long seed) {
    if (count < 1) {
      throw new IllegalArgumentException("augment: expected at least 1 version, found " + count);
    }
    List<LabeledText> versions = new ArrayList<>();
    for (int version = 0; version < count; version++) {
      long key = CounterRandom.key(seed, version);
      for (int i = 0; i < messages.size(); i++) {
        LabeledText message = messages.get(i);
        String text = new Augmentation(CounterRandom.key(key, i)).apply(message.text());
        versions.add(new LabeledText(message.label(), text));
      }
    }
    return versions;
  }

  private String apply(String text) {
    String version = replace(HOST, text, host -> ENDINGS[below(ENDINGS.length)]);
    if (happens(DIGITS)) {
      version = replace(DIGIT, version, digit -> String.valueOf(below(10)));
    }
    if (happens(FULL_STOP)) {
      version = otherEnd(version);
    }
    return happens(SMALL_LETTERS) ? version.toLowerCase(Locale.ROOT) : version;
  }

  private static String replace(Pattern pattern, String text, UnaryOperator<String> other) {
    return pattern
        .matcher(text)
        .replaceAll(match -> Matcher.quoteReplacement(other.apply(match.group())));
  }

  /** Without the full stop at its end, or with one where it ends with a word. */
  private static String otherEnd(String text) {
    int last = text.length() - 1;
    if (text.charAt(last) == '.') {
      return last == 0 ? text : text.substring(0, last);
    }
    return Character.isLetterOrDigit(text.codePointBefore(text.length())) ? text + "." : text;
  }

  private boolean happens(double probability) {
    return CounterRandom.uniform(key, drawn++) < probability;
  }

  private int below(int bound) {
    return (int) (CounterRandom.uniform(key, drawn++) * bound);
  }
}
