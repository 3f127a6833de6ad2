package org.gpt2j.benchmarks.compare;

import java.util.List;
import java.util.function.ToIntFunction;

/** Tokenizing on one thread, all texts one item. */
final class EncodeJob implements Job {
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
    return 1;
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
