package org.gpt2j.tokenizer;

import java.util.Arrays;

/** A growing list of ints, without boxing. */
final class IntList {
  private int[] values;
  private int size;

  IntList(int capacity) {
    values = new int[Math.max(4, capacity)];
  }

  void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, (int) Math.min(size * 2L, Integer.MAX_VALUE - 8));
    }
    values[size++] = value;
  }

  void addAll(int[] more) {
    for (int value : more) {
      add(value);
    }
  }

  int size() {
    return size;
  }

  int get(int index) {
    return values[index];
  }

  void set(int index, int value) {
    values[index] = value;
  }

  int[] toArray() {
    return toArray(0);
  }

  /** The values from an index on. */
  int[] toArray(int from) {
    return Arrays.copyOfRange(values, from, size);
  }
}
