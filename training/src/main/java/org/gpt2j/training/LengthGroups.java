package org.gpt2j.training;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Brings examples of about the same length together: transformers' LengthGroupedSampler. */
final class LengthGroups {
  /** Steps whose examples are sorted together at most. */
  private static final int MEGA_BATCHES = 50;

  private final int[] lengths;
  private final int run;

  /**
   * @param lengths of the examples
   * @param stepSize examples of an optimizer step
   */
  LengthGroups(int[] lengths, int stepSize) {
    this.lengths = lengths;
    int size = lengths.length;
    long steps = Math.max(1, Math.min(size / (4L * stepSize), MEGA_BATCHES));
    run = (int) Math.min(size, steps * stepSize);
  }

  /**
   * get_length_grouped_indices: sorted by length, longest first, within runs of some steps; the
   * longest of all at the very front.
   *
   * @param permutation numbers of the examples
   */
  int[] order(int[] permutation) {
    int size = permutation.length;
    int[] sorted = new int[size];
    int longest = 0;
    for (int from = 0; from < size; from += run) {
      int[] part =
          IntStream.range(from, Math.min(size, from + run))
              .mapToObj(i -> permutation[i])
              .sorted(Comparator.comparingInt(i -> -lengths[i]))
              .mapToInt(Integer::intValue)
              .toArray();
      System.arraycopy(part, 0, sorted, from, part.length);
      longest = lengths[part[0]] > lengths[sorted[longest]] ? from : longest;
    }
    int first = sorted[0];
    sorted[0] = sorted[longest];
    sorted[longest] = first;
    return sorted;
  }
}
