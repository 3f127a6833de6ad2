package org.gpt2j.nn;

import java.util.List;

/**
 * Sequences laid end to end: all their tokens are rows of one [T, C] matrix, no padding anywhere.
 *
 * @param ids the T token ids
 * @param positions each token's place in its sequence, from 0
 * @param starts the first row of each sequence, then T
 */
public record PackedBatch(int[] ids, int[] positions, int[] starts) {

  /** Packs sequences of token ids, none of them empty. */
  public static PackedBatch of(List<int[]> sequences) {
    if (sequences.isEmpty()) {
      throw new IllegalArgumentException("a batch needs at least one sequence, found none");
    }
    int[] starts = new int[sequences.size() + 1];
    for (int s = 0; s < sequences.size(); s++) {
      int length = sequences.get(s).length;
      if (length == 0) {
        throw new IllegalArgumentException("sequence " + s + " of the batch has no token");
      }
      starts[s + 1] = Math.addExact(starts[s], length);
    }
    int total = starts[sequences.size()];
    int[] ids = new int[total];
    int[] positions = new int[total];
    for (int s = 0; s < sequences.size(); s++) {
      int[] sequence = sequences.get(s);
      System.arraycopy(sequence, 0, ids, starts[s], sequence.length);
      for (int i = 0; i < sequence.length; i++) {
        positions[starts[s] + i] = i;
      }
    }
    return new PackedBatch(ids, positions, starts);
  }

  /** Number of tokens, T. */
  public int tokens() {
    return ids.length;
  }

  /** Number of sequences, B. */
  public int sequences() {
    return starts.length - 1;
  }

  public int length(int sequence) {
    return starts[sequence + 1] - starts[sequence];
  }
}
