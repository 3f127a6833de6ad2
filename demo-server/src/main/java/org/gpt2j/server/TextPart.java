package org.gpt2j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A word of a text, or several that follow each other: {@code text.substring(start, end)}.
 *
 * @param start index of its first character (UTF-16, as in JavaScript)
 * @param end index after its last
 */
record TextPart(int start, int end) {
  private static final Pattern WORD = Pattern.compile("[^\\s\\h]+");

  /** The words between white space of a text; of more than {@code most}, some put together. */
  static List<TextPart> of(String text, int most) {
    List<TextPart> words = new ArrayList<>();
    for (Matcher m = WORD.matcher(text); m.find(); ) {
      words.add(new TextPart(m.start(), m.end()));
    }
    int size = (words.size() + most - 1) / most;
    List<TextPart> parts = new ArrayList<>();
    for (int i = 0; i < words.size(); i += size) {
      TextPart last = words.get(Math.min(i + size, words.size()) - 1);
      parts.add(new TextPart(words.get(i).start(), last.end()));
    }
    return parts;
  }
}
