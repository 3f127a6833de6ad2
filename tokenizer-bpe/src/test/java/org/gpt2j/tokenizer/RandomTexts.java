package org.gpt2j.tokenizer;

import java.util.Random;

/** Random texts with a fixed seed: valid Unicode with much white space and many edge cases. */
final class RandomTexts {
  private static final String[] PARTS = {
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u0085",
    "'s",
    "'ll",
    "'",
    "\u2019",
    "the",
    " cat",
    "ing",
    "A",
    "1",
    "42",
    "\u0663",
    "\u00b2",
    "!",
    "--",
    "\u00e9",
    "e\u0301",
    "\u65e5\u672c",
    "\uD83D\uDE00",
    "\uD83C\uDDE9\uD83C\uDDEA",
    "\u200d",
    "<|endoftext|>",
    "\u0000"
  };

  private final Random random;

  RandomTexts(long seed) {
    random = new Random(seed);
  }

  String next() {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(20); n > 0; n--) {
      if (random.nextInt(4) == 0) {
        text.appendCodePoint(codePoint());
      } else {
        text.append(PARTS[random.nextInt(PARTS.length)]);
      }
    }
    return text.toString();
  }

  private int codePoint() {
    int limit = random.nextBoolean() ? 0x3000 : 0x110000;
    int c = random.nextInt(limit);
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 'x' : c;
  }
}
