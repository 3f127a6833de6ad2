package org.gpt2j.training;

import java.util.Arrays;
import org.gpt2j.nn.CounterRandom;

/**
 * Which examples each batch of each epoch holds: a function of the seed and the epoch alone, so
 * that a resumed training finds the same.
 */
final class BatchSampler {
  private final int size;
  private final int batchSize;
  private final boolean shuffle;
  private final long seed;
  private final LengthGroups groups;
  private int epoch = -1;
  private int[] order;

  /**
   * @param groups where batches are to be of about one length, else null
   */
  BatchSampler(int size, int batchSize, boolean shuffle, long seed, LengthGroups groups) {
    this.size = size;
    this.batchSize = Math.min(batchSize, size);
    this.shuffle = shuffle;
    this.seed = seed;
    this.groups = groups;
  }

  /** Numbers of the examples of one batch; the last of an epoch may be smaller. */
  int[] batch(int epoch, int index) {
    if (epoch != this.epoch) {
      order = order(epoch);
      this.epoch = epoch;
    }
    int from = index * batchSize;
    return Arrays.copyOfRange(order, from, Math.min(size, from + batchSize));
  }

  /** Fisher-Yates with counter-based numbers. */
  private int[] order(int epoch) {
    int[] numbers = new int[size];
    Arrays.setAll(numbers, i -> i);
    long key = CounterRandom.key(seed, -1L - epoch);
    for (int i = size - 1; shuffle && i > 0; i--) {
      int j = (int) Long.remainderUnsigned(CounterRandom.bits(key, i), i + 1);
      int number = numbers[i];
      numbers[i] = numbers[j];
      numbers[j] = number;
    }
    return groups == null ? numbers : groups.order(numbers);
  }
}
