package org.gpt2j.tokenizer;

import java.util.Arrays;

/**
 * The ids of pieces that needed merging lately: names and typing errors tend to come again. Holds
 * at most one piece per slot and only short ones, so its size is bounded.
 *
 * <p>Safe to use from several threads without a lock: an entry has only final fields, and a thread
 * that sees an old entry merely merges again.
 */
final class PieceCache {
  private static final int SLOTS = 1 << 13;
  private static final int LONGEST = 32;

  private record Entry(byte[] piece, int[] ids) {}

  private final Entry[] entries = new Entry[SLOTS];

  /** Appends the ids of the piece text[from..to) where they are here, else returns false. */
  boolean get(byte[] text, int from, int to, IntList out) {
    if (to - from > LONGEST) {
      return false;
    }
    Entry entry = entries[slot(text, from, to)];
    if (entry == null || !Arrays.equals(entry.piece(), 0, entry.piece().length, text, from, to)) {
      return false;
    }
    for (int id : entry.ids()) {
      out.add(id);
    }
    return true;
  }

  /** Keeps the ids of the piece text[from..to): those of the list from the given index on. */
  void put(byte[] text, int from, int to, IntList ids, int fromIndex) {
    if (to - from <= LONGEST) {
      entries[slot(text, from, to)] =
          new Entry(Arrays.copyOfRange(text, from, to), ids.toArray(fromIndex));
    }
  }

  private static int slot(byte[] text, int from, int to) {
    return PieceTable.hash(text, from, to) & SLOTS - 1;
  }
}
