package org.gpt2j.tokenizer;

import java.util.Arrays;

/**
 * A set of byte strings, numbered 0, 1, 2 ... in the order in which they came. An open-addressing
 * hash table over one flat byte array: no object per entry, and lookups need no copy of the bytes.
 * Reading is safe from several threads once nothing is added any more.
 */
final class PieceTable {
  private byte[] bytes = new byte[1024];

  /** Entry i lies at offsets[i] .. offsets[i + 1]. */
  private int[] offsets = new int[65];

  /** Hash in the high half, index + 1 in the low half; 0 is an empty slot. Length: power of two. */
  private long[] slots = new long[128];

  private int size;

  int size() {
    return size;
  }

  /** Copy of the bytes of an entry. */
  byte[] get(int index) {
    return Arrays.copyOfRange(bytes, offsets[index], offsets[index + 1]);
  }

  /** Index of the byte string text[from..to), or -1 where it is not in the table. */
  int find(byte[] text, int from, int to) {
    int hash = hash(text, from, to);
    int mask = slots.length - 1;
    for (int at = hash & mask; slots[at] != 0; at = (at + 1) & mask) {
      if (matches(slots[at], hash, text, from, to)) {
        return (int) slots[at] - 1;
      }
    }
    return -1;
  }

  /** Index of the byte string text[from..to), which is added where it is new. */
  int add(byte[] text, int from, int to) {
    int hash = hash(text, from, to);
    int mask = slots.length - 1;
    int at = hash & mask;
    for (; slots[at] != 0; at = (at + 1) & mask) {
      if (matches(slots[at], hash, text, from, to)) {
        return (int) slots[at] - 1;
      }
    }
    int index = size++;
    append(text, from, to);
    slots[at] = (long) hash << 32 | size;
    if (size * 2 > slots.length) {
      grow();
    }
    return index;
  }

  private boolean matches(long slot, int hash, byte[] text, int from, int to) {
    if ((int) (slot >>> 32) != hash) {
      return false;
    }
    int index = (int) slot - 1;
    return Arrays.equals(bytes, offsets[index], offsets[index + 1], text, from, to);
  }

  private void append(byte[] text, int from, int to) {
    int start = offsets[size - 1];
    int end = Math.addExact(start, to - from);
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end, grown(bytes.length)));
    }
    if (size >= offsets.length) {
      offsets = Arrays.copyOf(offsets, grown(offsets.length));
    }
    System.arraycopy(text, from, bytes, start, to - from);
    offsets[size] = end;
  }

  private static int grown(int length) {
    return (int) Math.min(length * 2L, Integer.MAX_VALUE - 8);
  }

  private void grow() {
    long[] old = slots;
    slots = new long[old.length * 2];
    int mask = slots.length - 1;
    for (long slot : old) {
      if (slot != 0) {
        int at = (int) (slot >>> 32) & mask;
        while (slots[at] != 0) {
          at = (at + 1) & mask;
        }
        slots[at] = slot;
      }
    }
  }

  static int hash(byte[] text, int from, int to) {
    int h = to - from;
    for (int i = from; i < to; i++) {
      h = h * 31 + text[i];
    }
    h *= 0x9E3779B9;
    return h ^ h >>> 15;
  }
}
