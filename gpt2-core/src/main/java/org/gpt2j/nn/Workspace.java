package org.gpt2j.nn;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Named pieces of memory that grow to the largest size asked for and are then used again: after the
 * longest batch has been seen, a step allocates no matrix. Not thread-safe.
 */
public final class Workspace {
  private static final class Slot {
    private INDArray memory;
    private INDArray view;
  }

  private final Map<String, Slot> slots = new HashMap<>();
  private final DataType dataType;

  public Workspace(DataType dataType) {
    this.dataType = dataType;
  }

  public DataType dataType() {
    return dataType;
  }

  /**
   * A [rows, columns] c-order matrix with undefined contents, valid until the slot is asked again.
   */
  public INDArray matrix(String slot, long rows, long columns) {
    return get(slot, rows * columns, new long[] {rows, columns}, new long[] {columns, 1});
  }

  /** A vector of n elements with undefined contents. */
  public INDArray vector(String slot, long n) {
    return get(slot, n, new long[] {n}, new long[] {1});
  }

  private INDArray get(String name, long length, long[] shape, long[] stride) {
    if (length > Integer.MAX_VALUE / dataType.width()) {
      throw new IllegalArgumentException(
          String.format(
              "the batch is too large: its matrix %s of shape %s would take more than 2 GiB; make the"
                  + " batch or its sequences smaller",
              name, Arrays.toString(shape)));
    }
    Slot slot = slots.computeIfAbsent(name, k -> new Slot());
    if (slot.memory == null || slot.memory.length() < length) {
      if (slot.memory != null) {
        slot.memory.close(); // at once: the garbage collector does not see what it holds
      }
      slot.memory = Nd4j.createUninitialized(dataType, length);
      slot.view = null;
    }
    if (slot.view == null || !Arrays.equals(slot.view.shape(), shape)) {
      slot.view = Nd4j.create(slot.memory.data(), shape, stride, 0, 'c');
    }
    return slot.view;
  }

  /** Bytes held off the heap. */
  public long bytes() {
    return bytesBySlot().values().stream().mapToLong(Long::longValue).sum();
  }

  /** Bytes of each slot. */
  public Map<String, Long> bytesBySlot() {
    Map<String, Long> bytes = new TreeMap<>();
    slots.forEach((name, slot) -> bytes.put(name, slot.memory.length() * dataType.width()));
    return bytes;
  }
}
