package org.gpt2j.tokenizer;

/**
 * Merges one piece at a time; holds the memory for that, so each thread needs its own.
 *
 * <p>The tokens of the piece form a linked list over byte positions: a token is known by the
 * position of its first byte. Short pieces look for the next merge by going through the list, long
 * ones by a heap, so that a piece of n bytes takes O(n log n) and a megabyte of one letter is fine.
 */
final class BpeMerger {
  /** Longest piece for which going through the list beats the heap. */
  private static final int SCAN_LIMIT = 64;

  private static final int NO_MERGE = Integer.MAX_VALUE;

  private final int[] byteIds;
  private final LongIntTable ranks;
  private final int[] mergedIds;

  private int length;
  private int[] ids = new int[SCAN_LIMIT];
  private int[] next = new int[SCAN_LIMIT];
  private int[] previous = new int[SCAN_LIMIT];

  /** Rank of the pair of the token here and the next one, or NO_MERGE. */
  private int[] pairRanks = new int[SCAN_LIMIT];

  /** Rank and position of every pair that was ever there; null for a short piece. */
  private LongHeap heap;

  BpeMerger(int[] byteIds, LongIntTable ranks, int[] mergedIds) {
    this.byteIds = byteIds;
    this.ranks = ranks;
    this.mergedIds = mergedIds;
  }

  /** Appends the token ids of the piece text[from..to), which must not be empty. */
  void merge(byte[] text, int from, int to, IntList out) {
    mergeAll(text, from, to);
    for (int at = 0; at < length; at = next[at]) {
      out.add(ids[at]);
    }
  }

  /** True where the merges make exactly this one token of the piece text[from..to). */
  boolean mergesTo(byte[] text, int from, int to, int id) {
    mergeAll(text, from, to);
    return next[0] == length && ids[0] == id;
  }

  private void mergeAll(byte[] text, int from, int to) {
    start(text, from, to);
    for (int at = nextMerge(); at >= 0; at = nextMerge()) {
      mergeAt(at);
    }
  }

  private void start(byte[] text, int from, int to) {
    length = to - from;
    if (length > ids.length) {
      ids = new int[length];
      next = new int[length];
      previous = new int[length];
      pairRanks = new int[length];
    }
    heap = length > SCAN_LIMIT ? new LongHeap() : null;
    for (int at = 0; at < length; at++) {
      ids[at] = byteIds[text[from + at] & 0xff];
      next[at] = at + 1;
      previous[at] = at - 1;
    }
    for (int at = 0; at < length; at++) {
      updateRank(at);
    }
  }

  private void updateRank(int at) {
    int rank = LongIntTable.NONE;
    if (next[at] < length) {
      rank = ranks.get(Pair.of(ids[at], ids[next[at]]));
    }
    pairRanks[at] = rank == LongIntTable.NONE ? NO_MERGE : rank;
    if (heap != null && rank != LongIntTable.NONE) {
      heap.push((long) rank << 32 | at);
    }
  }

  /** Position of the pair of lowest rank, the leftmost of equals; -1 where none is left. */
  private int nextMerge() {
    if (heap == null) {
      int best = -1;
      int bestRank = NO_MERGE;
      for (int at = 0; at < length; at = next[at]) {
        if (pairRanks[at] < bestRank) {
          bestRank = pairRanks[at];
          best = at;
        }
      }
      return best;
    }
    while (!heap.isEmpty()) {
      long top = heap.pop();
      int at = (int) top;
      if (pairRanks[at] == (int) (top >>> 32)) { // else the pair was changed by another merge
        return at;
      }
    }
    return -1;
  }

  private void mergeAt(int at) {
    int right = next[at];
    ids[at] = mergedIds[pairRanks[at]];
    next[at] = next[right];
    pairRanks[right] = NO_MERGE;
    if (next[at] < length) {
      previous[next[at]] = at;
    }
    updateRank(at);
    if (previous[at] >= 0) {
      updateRank(previous[at]);
    }
  }
}
