package org.gpt2j.tokenizer;

/**
 * A token that is matched in text as a whole string, before the text is cut into pieces.
 *
 * @param content the string, not empty, in plain characters (not byte-level ones)
 * @param id token id
 * @param special true for control tokens such as {@code <|endoftext|>}
 * @param normalized false where the token is looked for before those that are {@code normalized}
 */
record AddedToken(String content, int id, boolean special, boolean normalized) {}
