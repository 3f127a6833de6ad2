package org.gpt2j.tokenizer;

/** A pair of token ids in one long, which sorts as the pair does. */
final class Pair {
  private Pair() {}

  static long of(int left, int right) {
    return (long) left << 32 | right;
  }

  static int left(long pair) {
    return (int) (pair >>> 32);
  }

  static int right(long pair) {
    return (int) pair;
  }
}
