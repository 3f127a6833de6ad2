package org.gpt2j.nn;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Keys and values of the tokens that a model has read, by layer and sequence, so that a sequence's
 * next token is computed from its own row alone. They lie in pages: a sequence that grows takes
 * another one, and nothing that is there moves; the pages of a sequence that has ended serve the
 * next. Not thread-safe.
 */
public final class KeyValueCache {
  /** What one layer keeps of one sequence. */
  private static final class Stored {
    private final List<KeyValuePage> pages = new ArrayList<>();
    private int length;
  }

  private final DataType type;
  private final int width;
  private final int nHead;
  private final Deque<KeyValuePage> free = new ArrayDeque<>();
  private final Map<String, Map<Integer, Stored>> layers = new HashMap<>();
  private int allocated;

  /**
   * @param width of the model, C
   */
  public KeyValueCache(DataType type, int width, int nHead) {
    this.type = type;
    this.width = width;
    this.nHead = nHead;
  }

  private Stored stored(String layer, int sequence) {
    return layers
        .computeIfAbsent(layer, k -> new HashMap<>())
        .computeIfAbsent(sequence, k -> new Stored());
  }

  private KeyValuePage page() {
    if (!free.isEmpty()) {
      return free.pop();
    }
    allocated++;
    return KeyValuePage.create(type, width, nHead);
  }

  /**
   * Adds the keys and values of a batch's tokens behind those that are there.
   *
   * @param sequences the number here of each sequence of the batch
   * @param qkv [T,3C]
   */
  void append(String layer, int[] sequences, INDArray qkv, PackedBatch batch, Kernels kernels) {
    for (int s = 0; s < sequences.length; s++) {
      Stored stored = stored(layer, sequences[s]);
      int row = batch.starts()[s];
      int end = batch.starts()[s + 1];
      if (batch.positions()[row] != stored.length) {
        throw new IllegalStateException(
            String.format(
                "sequence %s: expected position %s after what the cache has, found %s",
                sequences[s], stored.length, batch.positions()[row]));
      }
      while (row < end) {
        int at = stored.length % KeyValuePage.TOKENS;
        if (at == 0) {
          stored.pages.add(page());
        }
        KeyValuePage last = stored.pages.get(stored.pages.size() - 1);
        int n = Math.min(KeyValuePage.TOKENS - at, end - row);
        kernels.storeKeyValues(qkv, row, n, last, at);
        stored.length += n;
        row += n;
      }
    }
  }

  /**
   * {@link Kernels#cachedAttention} of the newest token of each sequence.
   *
   * @param qkv [B,3C]
   * @param out [B,C]
   */
  void attention(
      String layer, int[] sequences, INDArray qkv, double scale, INDArray out, Kernels kernels) {
    List<List<KeyValuePage>> pages = new ArrayList<>();
    int[] lengths = new int[sequences.length];
    for (int s = 0; s < sequences.length; s++) {
      Stored stored = stored(layer, sequences[s]);
      pages.add(stored.pages);
      lengths[s] = stored.length;
    }
    kernels.cachedAttention(qkv, pages, lengths, nHead, scale, out);
  }

  /** Forgets a sequence; its pages are used again. */
  public void release(int sequence) {
    for (Map<Integer, Stored> layer : layers.values()) {
      Stored stored = layer.remove(sequence);
      if (stored != null) {
        free.addAll(stored.pages);
      }
    }
  }

  /** Forgets all sequences. */
  public void clear() {
    TreeSet<Integer> sequences = new TreeSet<>();
    layers.values().forEach(layer -> sequences.addAll(layer.keySet()));
    sequences.forEach(this::release);
  }

  /** Bytes held off the heap, those of free pages too. */
  public long bytes() {
    return 2L * allocated * KeyValuePage.TOKENS * width * type.width();
  }
}
