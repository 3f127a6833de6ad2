package org.gpt2j.training.data;

/** Shortens text found in a file so that an error message stays one readable sentence. */
final class Excerpt {
  private static final int MAX_CODE_POINTS = 40;

  private Excerpt() {}

  /** The first 40 characters of the text, control characters (line breaks, tabs) as spaces. */
  static String of(String text) {
    boolean cut = text.codePointCount(0, text.length()) > MAX_CODE_POINTS;
    String start = cut ? text.substring(0, text.offsetByCodePoints(0, MAX_CODE_POINTS)) : text;
    return start.replaceAll("\\p{Cntrl}", " ") + (cut ? "..." : "");
  }
}
