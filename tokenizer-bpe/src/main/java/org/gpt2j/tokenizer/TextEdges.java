package org.gpt2j.tokenizer;

/**
 * What adjoins a place in a text: white space and words, as Rust's regular expressions see them.
 */
final class TextEdges {
  private TextEdges() {}

  /** Where the white space before a place starts, not before {@code limit}: {@code \s*$}. */
  static int spaceStart(String text, int place, int limit) {
    int at = place;
    while (at > limit && Gpt2Splitter.isWhiteSpace(text.charAt(at - 1))) {
      at--;
    }
    return at;
  }

  /** Where the white space after a place ends: {@code ^\s*}. */
  static int spaceEnd(String text, int place) {
    int at = place;
    while (at < text.length() && Gpt2Splitter.isWhiteSpace(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** Whether a word goes on before start or after end: {@code \w$} or {@code ^\w}. */
  static boolean isInWord(String text, int start, int end) {
    return start > 0 && isWord(text.codePointBefore(start))
        || end < text.length() && isWord(text.codePointAt(end));
  }

  /** {@code \w} of Unicode Technical Standard #18, annex C. */
  private static boolean isWord(int c) {
    return Character.isAlphabetic(c)
        || switch (Character.getType(c)) {
          case Character.NON_SPACING_MARK,
              Character.ENCLOSING_MARK,
              Character.COMBINING_SPACING_MARK,
              Character.DECIMAL_DIGIT_NUMBER,
              Character.CONNECTOR_PUNCTUATION ->
              true;
          default -> c == 0x200C || c == 0x200D; // Join_Control
        };
  }
}
