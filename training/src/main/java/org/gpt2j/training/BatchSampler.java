package org.gpt2j.training;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.gpt2j.nn.CounterRandom;

/**
 * Which examples each batch of each epoch holds: a function of the seed and the epoch alone, so
 * that a resumed training finds the same.
 */
final class BatchSampler {
  /** Batches that are sorted together at most, where batches are grouped by length. */
  private static final int MEGA_BATCHES = 50;

  private final int[] lengths;
  private final int size;
  private final int batchSize;
  private final boolean shuffle;
  private final long seed;
  private int epoch = -1;
  private int[] order;

  /**
   * @param lengths of the examples where batches are to be grouped by them, else null
   */
  BatchSampler(int size, int batchSize, boolean shuffle, long seed, int[] lengths) {
    this.size = size;
    this.batchSize = Math.min(batchSize, size);
    this.shuffle = shuffle;
    this.seed = seed;
    this.lengths = lengths;
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
      swap(numbers, i, (int) Long.remainderUnsigned(CounterRandom.bits(key, i), i + 1));
    }
    return lengths == null ? numbers : grouped(numbers);
  }

  private static void swap(int[] x, int i, int j) {
    int value = x[i];
    x[i] = x[j];
    x[j] = value;
  }

  /**
   * transformers' get_length_grouped_indices: sorted by length, longest first, within runs of some
   * batches; the longest of all at the very front.
   */
  private int[] grouped(int[] numbers) {
    long batches = Math.max(1, Math.min(size / (4L * batchSize), MEGA_BATCHES));
    int run = (int) Math.min(size, batches * batchSize);
    int[] sorted = new int[size];
    int longest = 0;
    for (int from = 0; from < size; from += run) {
      int[] part =
          IntStream.range(from, Math.min(size, from + run))
              .mapToObj(i -> numbers[i])
              .sorted(Comparator.comparingInt(i -> -lengths[i]))
              .mapToInt(Integer::intValue)
              .toArray();
      System.arraycopy(part, 0, sorted, from, part.length);
      longest = lengths[part[0]] > lengths[sorted[longest]] ? from : longest;
    }
    swap(sorted, 0, longest);
    return sorted;
  }
}
