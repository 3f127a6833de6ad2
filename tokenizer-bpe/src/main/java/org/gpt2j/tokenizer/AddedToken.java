package org.gpt2j.tokenizer;

/**
 * A token that is matched in text as a whole string, before the text is cut into pieces.
 *
 * @param content the string, not empty, in plain characters (not byte-level ones)
 * @param id token id, or {@link #NO_ID} while it has none
 * @param special true for control tokens such as {@code <|endoftext|>}
 * @param normalized false where the token is looked for in the text as it came, before those that
 *     are {@code normalized}, which are looked for in normalized text
 * @param singleWord true where a match inside a word does not count
 * @param lstrip true where white space before the token goes with it
 * @param rstrip true where white space after the token goes with it
 */
record AddedToken(
    String content,
    int id,
    boolean special,
    boolean normalized,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip) {
  /** The id of a token that was not given one yet. */
  static final int NO_ID = -1;

  /** A control token without any other flag. */
  static AddedToken special(String content, int id) {
    return new AddedToken(content, id, true, false, false, false, false);
  }

  AddedToken withId(int newId) {
    return new AddedToken(content, newId, special, normalized, singleWord, lstrip, rstrip);
  }

  AddedToken asSpecial() {
    return new AddedToken(content, id, true, normalized, singleWord, lstrip, rstrip);
  }
}
