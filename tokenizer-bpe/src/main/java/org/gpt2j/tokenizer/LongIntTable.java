package org.gpt2j.tokenizer;

import java.util.Arrays;

/**
 * A map from a long of 0 or more to an int: an open-addressing hash table of primitives. Reading is
 * safe from several threads once no new key is put any more.
 */
final class LongIntTable {
  /** Found for a key that is not in the table. */
  static final int NONE = -1;

  private static final long EMPTY = -1;

  private long[] keys = new long[128];
  private int[] values = new int[128];
  private int shift = Long.numberOfLeadingZeros(127);
  private int size;

  LongIntTable() {
    Arrays.fill(keys, EMPTY);
  }

  int get(long key) {
    int at = slot(key);
    return keys[at] == EMPTY ? NONE : values[at];
  }

  void put(long key, int value) {
    int at = slot(key);
    values[at] = value;
    if (keys[at] == EMPTY) {
      keys[at] = key;
      size++;
      if (size * 2 > keys.length) {
        grow();
      }
    }
  }

  /** Where the key lies, or the empty slot where it would. */
  private int slot(long key) {
    int at = (int) (key * 0x9E3779B97F4A7C15L >>> shift);
    while (keys[at] != key && keys[at] != EMPTY) {
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
