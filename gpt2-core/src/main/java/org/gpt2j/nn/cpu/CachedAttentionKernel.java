package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.gpt2j.nn.KeyValuePage;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention of one query a sequence over stored keys and values. A head's part of a page is copied
 * to the heap in one piece, where the loops over it are vectors. Heads are independent of each
 * other, so the threads may share them in any way.
 */
final class CachedAttentionKernel {
  private static final int TOKENS = KeyValuePage.TOKENS;

  /** Stored numbers below which another thread takes longer to wake up than to help. */
  private static final long SERIAL = 1 << 18;

  private final FloatBuffer qkv;
  private final List<List<KeyValuePage>> pages;
  private final int[] lengths;
  private final int nHead;
  private final int headSize;
  private final int width;
  private final float scale;

  CachedAttentionKernel(
      INDArray qkv, List<List<KeyValuePage>> pages, int[] lengths, int nHead, double scale) {
    this.qkv = Floats.buffer(qkv);
    this.pages = pages;
    this.lengths = lengths;
    this.nHead = nHead;
    this.width = (int) qkv.size(1) / 3;
    this.headSize = width / nHead;
    this.scale = (float) scale;
  }

  static void store(INDArray qkv, int first, int n, KeyValuePage page, int at) {
    int width = (int) page.keys().size(0);
    int headSize = (int) page.values().size(1);
    FloatBuffer from = Floats.buffer(qkv);
    FloatBuffer keys = Floats.buffer(page.keys());
    FloatBuffer values = Floats.buffer(page.values());
    float[] row = new float[2 * width];
    for (int t = 0; t < n; t++) {
      from.get((first + t) * 3 * width + width, row);
      for (int c = 0; c < width; c++) {
        keys.put(c * TOKENS + at + t, row[c]);
      }
      for (int h = 0; h * headSize < width; h++) {
        values.put((h * TOKENS + at + t) * headSize, row, width + h * headSize, headSize);
      }
    }
  }

  void forward(INDArray outArray) {
    FloatBuffer out = Floats.buffer(outArray);
    long stored = 2L * width * Arrays.stream(lengths).asLongStream().sum();
    int heads = lengths.length * nHead;
    Parallel.forRange(
        heads,
        stored < SERIAL ? heads : 1,
        (begin, end) -> {
          float[] block = new float[headSize * TOKENS];
          float[] query = new float[headSize];
          float[] mixed = new float[headSize];
          float[] weights = new float[Arrays.stream(lengths).max().orElse(0) + TOKENS];
          for (int i = begin; i < end; i++) {
            int s = i / nHead;
            int h = i % nHead;
            qkv.get(s * 3 * width + h * headSize, query);
            head(pages.get(s), lengths[s], h, query, weights, block, mixed);
            out.put(s * width + h * headSize, mixed);
          }
        });
  }

  /** mixed = softmax(scale query k^T) v of one head of one sequence. */
  private void head(
      List<KeyValuePage> stored,
      int length,
      int h,
      float[] query,
      float[] weights,
      float[] block,
      float[] mixed) {
    Arrays.fill(weights, 0, length, 0f);
    for (int i = 0; i < headSize; i++) {
      query[i] *= scale;
    }
    for (int from = 0, p = 0; from < length; from += TOKENS, p++) {
      int n = Math.min(TOKENS, length - from);
      Floats.buffer(stored.get(p).keys()).get(h * headSize * TOKENS, block);
      addRows(query, 0, headSize, block, TOKENS, weights, from, n);
    }
    float max = Softmax.max(weights, length);
    float inverse = (float) (1 / Softmax.expMinus(weights, length, max));
    for (int j = 0; j < length; j++) {
      weights[j] *= inverse;
    }
    Arrays.fill(mixed, 0f);
    for (int from = 0, p = 0; from < length; from += TOKENS, p++) {
      int n = Math.min(TOKENS, length - from);
      FloatBuffer values = Floats.buffer(stored.get(p).values());
      values.get(h * TOKENS * headSize, block, 0, n * headSize);
      addRows(weights, from, n, block, headSize, mixed, 0, headSize);
    }
  }

  /** y[yAt + j] += sum of x[xAt + i] * rows[i, j], for j below n; four rows at a time. */
  private static void addRows(
      float[] x, int xAt, int count, float[] rows, int rowLength, float[] y, int yAt, int n) {
    int i = 0;
    for (; i + 3 < count; i += 4) {
      float x0 = x[xAt + i];
      float x1 = x[xAt + i + 1];
      float x2 = x[xAt + i + 2];
      float x3 = x[xAt + i + 3];
      int r0 = i * rowLength;
      int r1 = r0 + rowLength;
      int r2 = r1 + rowLength;
      int r3 = r2 + rowLength;
      for (int j = 0; j < n; j++) {
        y[yAt + j] +=
            (x0 * rows[r0 + j] + x1 * rows[r1 + j]) + (x2 * rows[r2 + j] + x3 * rows[r3 + j]);
      }
    }
    for (; i < count; i++) {
      float x0 = x[xAt + i];
      int r0 = i * rowLength;
      for (int j = 0; j < n; j++) {
        y[yAt + j] += x0 * rows[r0 + j];
      }
    }
  }
}
