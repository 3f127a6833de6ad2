package org.gpt2j.benchmarks.compare;

import java.util.List;
import java.util.function.ToIntFunction;

/** Tokenizing on one thread: an item is all texts, again and again. */
final class EncodeJob implements Job {
  private static final int REPEATS = 5;

  private final List<String> texts;
  private final ToIntFunction<String> encode;

  /**
   * @param encode encodes a text and returns the number of its tokens
   */
  EncodeJob(List<String> texts, ToIntFunction<String> encode) {
    this.texts = texts;
    this.encode = encode;
  }

  @Override
  public int items() {
    return REPEATS;
  }

  @Override
  public void run(int item) {
    check();
  }

  /** Number of tokens. */
  @Override
  public double[] check() {
    return new double[] {texts.stream().mapToInt(encode).sum()};
  }
}
