package org.gpt2j.training.data;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Tells which messages are the same but for their form, so that no copy of a training message is
 * tested with.
 */
public final class DuplicateKey {
  /** Marks are kept: in many scripts vowels are marks. */
  private static final Pattern NO_LETTER_OR_DIGIT = Pattern.compile("[^\\p{L}\\p{M}\\p{N}]+");

  private static final Pattern DIGITS = Pattern.compile("\\p{Nd}+");

  private DuplicateKey() {}

  /**
   * What two texts that count as duplicates have in common: the text in Unicode normal form NFKC
   * and lower case, without spaces, punctuation and symbols, then with each run of digits as one 0
   * (so that another phone number or prize makes no other message). A text that has no letter or
   * digit is its own key.
   */
  public static String of(String text) {
    String lower = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    String letters = NO_LETTER_OR_DIGIT.matcher(lower).replaceAll("");
    return letters.isEmpty() ? text : DIGITS.matcher(letters).replaceAll("0");
  }

  /**
   * Deals rows into parts, all rows of a key into one: each key, in the order of its first row, to
   * the first part that has room for it; to the one with the most room where none has. In a part
   * the rows keep their order.
   *
   * @param sizes how many rows each part should have; in sum those that there are
   * @throws IllegalArgumentException if a part comes out empty
   */
  static List<List<LabeledText>> parts(List<LabeledText> rows, int[] sizes) {
    Map<String, Integer> count = new LinkedHashMap<>();
    rows.forEach(row -> count.merge(of(row.text()), 1, Integer::sum));
    Map<String, Integer> partOf = new LinkedHashMap<>();
    int[] room = sizes.clone();
    count.forEach(
        (key, n) -> {
          int part = choose(room, n);
          partOf.put(key, part);
          room[part] -= n;
        });
    List<List<LabeledText>> parts = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      parts.add(new ArrayList<>());
    }
    rows.forEach(row -> parts.get(partOf.get(of(row.text()))).add(row));
    if (parts.stream().anyMatch(List::isEmpty)) {
      throw new IllegalArgumentException(
          String.format(
              "expected enough different messages for %s parts, found %s in %s messages",
              sizes.length, count.size(), rows.size()));
    }
    return parts;
  }

  private static int choose(int[] room, int n) {
    int most = 0;
    for (int part = 0; part < room.length; part++) {
      if (room[part] >= n) {
        return part;
      }
      most = room[part] > room[most] ? part : most;
    }
    return most;
  }
}
