package org.gpt2j.tokenizer;

import java.util.Arrays;

/**
 * A map from a pair of token ids to an int of 0 or more: an open-addressing hash table of
 * primitives. Reading is safe from several threads once nothing is put any more.
 */
final class PairTable {
  /** Found for a pair that is not in the table. */
  static final int NONE = -1;

  private static final long EMPTY = -1;

  private long[] keys = new long[128];
  private int[] values = new int[128];
  private int shift = Long.numberOfLeadingZeros(127);
  private int size;

  PairTable() {
    Arrays.fill(keys, EMPTY);
  }

  /** One long for a pair of ids; sorts as the pair does. */
  static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  static int left(long pair) {
    return (int) (pair >>> 32);
  }

  static int right(long pair) {
    return (int) pair;
  }

  int get(long pair) {
    int at = slot(pair);
    return keys[at] == EMPTY ? NONE : values[at];
  }

  void put(long pair, int value) {
    int at = slot(pair);
    values[at] = value;
    if (keys[at] == EMPTY) {
      keys[at] = pair;
      size++;
      if (size * 2 > keys.length) {
        grow();
      }
    }
  }

  /** Where the pair lies, or the empty slot where it would. */
  private int slot(long pair) {
    int at = (int) (pair * 0x9E3779B97F4A7C15L >>> shift);
    while (keys[at] != pair && keys[at] != EMPTY) {
      at = (at + 1) & keys.length - 1;
    }
    return at;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new int[oldKeys.length * 2];
    shift--;
    Arrays.fill(keys, EMPTY);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != EMPTY) {
        int at = slot(oldKeys[i]);
        keys[at] = oldKeys[i];
        values[at] = oldValues[i];
      }
    }
  }
}
