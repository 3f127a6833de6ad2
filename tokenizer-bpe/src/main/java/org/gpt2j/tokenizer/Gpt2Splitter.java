package org.gpt2j.tokenizer;

/**
 * Cuts valid UTF-8 into the pieces of GPT-2's regular expression, in one pass and constant memory.
 *
 * <p>The expression, from OpenAI's encoder.py: {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+|
 * ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}, with {@code \s} the Unicode property White_Space. Every byte
 * belongs to exactly one piece. {@code java.util.regex} gives the same pieces (a test compares them
 * over all code points), but is slower and needs characters instead of bytes.
 */
final class Gpt2Splitter {
  private static final byte SPACE = 0;
  private static final byte LETTER = 1;
  private static final byte NUMBER = 2;
  private static final byte OTHER = 3;

  private static final int LETTER_TYPES =
      1 << Character.UPPERCASE_LETTER
          | 1 << Character.LOWERCASE_LETTER
          | 1 << Character.TITLECASE_LETTER
          | 1 << Character.MODIFIER_LETTER
          | 1 << Character.OTHER_LETTER;
  private static final int NUMBER_TYPES =
      1 << Character.DECIMAL_DIGIT_NUMBER
          | 1 << Character.LETTER_NUMBER
          | 1 << Character.OTHER_NUMBER;
  private static final int SPACE_TYPES =
      1 << Character.SPACE_SEPARATOR
          | 1 << Character.LINE_SEPARATOR
          | 1 << Character.PARAGRAPH_SEPARATOR;

  private static final byte[] ASCII_CLASS = new byte[128];

  static {
    for (int c = 0; c < 128; c++) {
      ASCII_CLASS[c] = classOfCodePoint(c);
    }
  }

  private Gpt2Splitter() {}

  /** End of the piece that starts at {@code start}, which must be a piece's start below the end. */
  static int pieceEnd(byte[] text, int start) {
    int first = text[start];
    if (first == '\'') {
      int contraction = contractionLength(text, start);
      if (contraction > 0) {
        return start + contraction;
      }
    }
    int run = start;
    byte runClass = classAt(text, start);
    if (first == ' ' && start + 1 < text.length) {
      byte next = classAt(text, start + 1);
      if (next != SPACE) { // " ?": one space joins the run after it
        run = start + 1;
        runClass = next;
      }
    }
    return runClass == SPACE ? whiteSpaceEnd(text, start) : runEnd(text, run, runClass);
  }

  private static int runEnd(byte[] text, int start, byte runClass) {
    int at = start;
    while (true) {
      while (at < text.length && text[at] >= 0 && ASCII_CLASS[text[at]] == runClass) {
        at++;
      }
      if (at == text.length || text[at] >= 0 || classAt(text, at) != runClass) {
        return at;
      }
      at += lengthAt(text, at);
    }
  }

  /** {@code \s+(?!\S)|\s+}: the last white space before other text is left to the next piece. */
  private static int whiteSpaceEnd(byte[] text, int start) {
    int last = start;
    int at = start + lengthAt(text, start);
    while (at < text.length && classAt(text, at) == SPACE) {
      last = at;
      at += lengthAt(text, at);
    }
    return at == text.length || last == start ? at : last;
  }

  private static int contractionLength(byte[] text, int at) {
    if (at + 1 >= text.length) {
      return 0;
    }
    byte a = text[at + 1];
    if (a == 's' || a == 't' || a == 'm' || a == 'd') {
      return 2;
    }
    if (at + 2 >= text.length) {
      return 0;
    }
    byte b = text[at + 2];
    return a == 'r' && b == 'e' || a == 'v' && b == 'e' || a == 'l' && b == 'l' ? 3 : 0;
  }

  private static byte classAt(byte[] text, int at) {
    byte b = text[at];
    return b >= 0
        ? ASCII_CLASS[b]
        : classOfCodePoint(Utf8.codePointAt(text, at, lengthAt(text, at)));
  }

  private static int lengthAt(byte[] text, int at) {
    int lead = text[at];
    return lead >= 0 ? 1 : (lead & 0xff) < 0xE0 ? 2 : (lead & 0xff) < 0xF0 ? 3 : 4;
  }

  /** Whether a code point has the property White_Space. */
  static boolean isWhiteSpace(int codePoint) {
    return classOfCodePoint(codePoint) == SPACE;
  }

  private static byte classOfCodePoint(int codePoint) {
    int type = 1 << Character.getType(codePoint);
    if ((type & LETTER_TYPES) != 0) {
      return LETTER;
    }
    if ((type & NUMBER_TYPES) != 0) {
      return NUMBER;
    }
    boolean controlSpace = codePoint >= 0x09 && codePoint <= 0x0D || codePoint == 0x85;
    return controlSpace || (type & SPACE_TYPES) != 0 ? SPACE : OTHER;
  }
}
