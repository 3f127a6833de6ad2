package org.gpt2j.tokenizer;

import java.util.Arrays;

/**
 * Text of tokens that come one by one. A token may end inside a character, whose bytes are then
 * held back until the rest is there: all pieces together are what {@link
 * Gpt2Tokenizer#decode(int[], boolean)} gives for all tokens. Not thread-safe.
 */
public final class DecodeStream {
  private final Gpt2Tokenizer tokenizer;
  private final boolean skipSpecialTokens;
  private byte[] held = {};

  DecodeStream(Gpt2Tokenizer tokenizer, boolean skipSpecialTokens) {
    this.tokenizer = tokenizer;
    this.skipSpecialTokens = skipSpecialTokens;
  }

  /**
   * The text that this token completes; it may be empty, as it is for an id without a token.
   *
   * @throws IllegalArgumentException where the id is negative
   */
  public String step(int tokenId) {
    byte[] next = tokenizer.decodeBytes(tokenId);
    if (skipSpecialTokens && tokenizer.isSpecial(tokenId)) {
      return "";
    }
    byte[] bytes = Arrays.copyOf(held, held.length + next.length);
    System.arraycopy(next, 0, bytes, held.length, next.length);
    int complete = bytes.length - Utf8.incompleteTail(bytes);
    held = Arrays.copyOfRange(bytes, complete, bytes.length);
    return Utf8.decodeLossy(Arrays.copyOf(bytes, complete));
  }

  /** What is still held back, as U+FFFD; after that a new text may start. */
  public String finish() {
    String rest = Utf8.decodeLossy(held);
    held = new byte[0];
    return rest;
  }
}
