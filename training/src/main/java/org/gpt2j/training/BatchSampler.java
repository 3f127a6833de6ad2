package org.gpt2j.training;

import java.util.Arrays;
import org.gpt2j.nn.CounterRandom;

/**
 * Which examples each batch of each epoch holds: a function of the seed and the epoch alone, so
 * that a resumed training finds the same.
 */
final class BatchSampler {
  private final int size;
  private final int[] stages;
  private final int batchSize;
  private final boolean shuffle;
  private final long seed;
  private final LengthGroups groups;
  private int epoch = -1;
  private int[] order;

  /**
   * @param stages examples of each stage ({@link TrainingData#stages}): shuffled within it only
   * @param groups where batches are to be of about one length, else null
   */
  BatchSampler(int[] stages, int batchSize, boolean shuffle, long seed, LengthGroups groups) {
    this.size = Arrays.stream(stages).sum();
    this.stages = stages;
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

  private int[] order(int epoch) {
    int[] numbers = new int[size];
    Arrays.setAll(numbers, i -> i);
    long key = CounterRandom.key(seed, -1L - epoch);
    int from = 0;
    for (int stage : stages) {
      if (shuffle) {
        shuffle(numbers, from, from + stage, key);
      }
      from += stage;
    }
    return groups == null ? numbers : groups.order(numbers);
  }

  /** Fisher-Yates with counter-based numbers. */
  private static void shuffle(int[] numbers, int from, int to, long key) {
    for (int i = to - 1; i > from; i--) {
      int j = from + (int) Long.remainderUnsigned(CounterRandom.bits(key, i), i - from + 1);
      int number = numbers[i];
      numbers[i] = numbers[j];
      numbers[j] = number;
    }
  }
}
