package org.gpt2j.io;

import java.util.Locale;

/**
 * Text of strangers in a line that people read: what would move the cursor, colour a terminal, end
 * the line or turn the writing's direction is spelled out.
 */
public final class Printable {
  private Printable() {}

  /**
   * The text with each control, line-separating and direction-changing character, and each
   * surrogate without its partner, as a JSON escape, such as \\n or \\u001b; all others are as they
   * were.
   */
  public static String line(String text) {
    return spelledOut(text, false);
  }

  /** The same, but line ends and tabs are as they were, for text of several lines. */
  public static String text(String text) {
    return spelledOut(text, true);
  }

  private static String spelledOut(String text, boolean layout) {
    StringBuilder out = null;
    int length = text.length();
    for (int i = 0; i < length; ) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      if (isUnsafe(c) && !(layout && (c == '\n' || c == '\r' || c == '\t'))) {
        if (out == null) {
          out = new StringBuilder(length + 16).append(text, 0, i);
        }
        escape(c, out);
      } else if (out != null) {
        out.appendCodePoint(c);
      }
      i = next;
    }
    return out == null ? text : out.toString();
  }

  private static boolean isUnsafe(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      // Joiners of emoji and scripts are FORMAT too, and harmless.
      case Character.FORMAT ->
          c == 0x061C
              || c == 0x200E
              || c == 0x200F
              || c >= 0x202A && c <= 0x202E
              || c >= 0x2066 && c <= 0x2069;
      default -> false;
    };
  }

  private static void escape(int c, StringBuilder out) {
    switch (c) {
      case '\t' -> out.append("\\t");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      default -> out.append(String.format(Locale.ROOT, "\\u%04x", c));
    }
  }
}
