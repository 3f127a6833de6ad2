package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.gpt2j.nn.KeyValuePage;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention of one query a sequence over stored keys and values: for each head two matrix-vector
 * products a page, in place. Heads are independent of each other, so the threads may share them in
 * any way.
 */
final class CachedAttentionKernel {
  private static final int TOKENS = KeyValuePage.TOKENS;

  /** Stored numbers below which another thread takes longer to wake up than to help. */
  private static final long SERIAL = 1 << 19;

  private static final RowMath MATH = RowMathProvider.get();

  private final FloatPointer qkv;
  private final List<List<KeyValuePage>> pages;
  private final int[] lengths;
  private final int nHead;
  private final int headSize;
  private final int width;
  private final float scale;

  CachedAttentionKernel(
      INDArray qkv, List<List<KeyValuePage>> pages, int[] lengths, int nHead, double scale) {
    this.qkv = Floats.pointer(qkv);
    this.pages = pages;
    this.lengths = lengths;
    this.nHead = nHead;
    this.width = (int) qkv.size(1) / 3;
    this.headSize = width / nHead;
    this.scale = (float) scale;
  }

  static void store(INDArray qkv, int first, int n, KeyValuePage page, int at) {
    int headSize = (int) page.keys().size(1);
    int width = (int) qkv.size(1) / 3;
    FloatBuffer from = Floats.buffer(qkv);
    FloatBuffer keys = Floats.buffer(page.keys());
    FloatBuffer values = Floats.buffer(page.values());
    for (int t = 0; t < n; t++) {
      int key = (first + t) * 3 * width + width;
      for (int c = 0; c < width; c += headSize) {
        int place = c * TOKENS + (at + t) * headSize;
        keys.put(place, from, key + c, headSize);
        values.put(place, from, key + width + c, headSize);
      }
    }
  }

  /** This thread's scores of one head, off the heap for the BLAS, and on the heap. */
  private static final class Scratch {
    private FloatPointer scores = new FloatPointer(0);
    private FloatBuffer buffer;
    private float[] row = new float[0];

    void ensure(int keys) {
      if (row.length < keys) {
        scores.deallocate();
        scores = new FloatPointer(keys);
        buffer = scores.asBuffer();
        row = new float[keys];
      }
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  void forward(INDArray outArray) {
    FloatPointer out = Floats.pointer(outArray);
    int longest = Arrays.stream(lengths).max().orElse(0);
    long stored = 2L * width * Arrays.stream(lengths).asLongStream().sum();
    int heads = lengths.length * nHead;
    // Whole pages, so that a sequence that grows seldom asks for more.
    int room = (longest + TOKENS - 1) / TOKENS * TOKENS;
    Parallel.forRange(
        heads,
        stored < SERIAL ? heads : 1,
        (begin, end) -> {
          Scratch scratch = SCRATCH.get();
          scratch.ensure(room);
          for (int i = begin; i < end; i++) {
            head(i / nHead, i % nHead, scratch, out);
          }
        });
  }

  /** out = softmax(scale q k^T) v of one head of one sequence. */
  private void head(int s, int h, Scratch scratch, FloatPointer out) {
    FloatPointer query = qkv.getPointer((long) s * 3 * width + (long) h * headSize);
    FloatPointer mixed = out.getPointer((long) s * width + (long) h * headSize);
    int length = lengths[s];
    for (int from = 0; from < length; from += TOKENS) {
      FloatPointer keys = rows(pages.get(s).get(from / TOKENS).keys(), h);
      int n = Math.min(TOKENS, length - from);
      Blas.gemv(false, n, headSize, scale, keys, query, 0f, scratch.scores.getPointer(from));
    }
    float[] row = scratch.row;
    scratch.buffer.get(0, row, 0, length);
    MATH.expMinus(row, length, MATH.max(row, length));
    float inverse = (float) (1 / MATH.sum(row, length));
    for (int j = 0; j < length; j++) {
      row[j] *= inverse;
    }
    scratch.buffer.put(0, row, 0, length);
    for (int from = 0; from < length; from += TOKENS) {
      FloatPointer values = rows(pages.get(s).get(from / TOKENS).values(), h);
      int n = Math.min(TOKENS, length - from);
      Blas.gemv(
          true,
          n,
          headSize,
          1f,
          values,
          scratch.scores.getPointer(from),
          from == 0 ? 0f : 1f,
          mixed);
    }
  }

  /** A head's keys or values in a page. */
  private FloatPointer rows(INDArray page, int h) {
    return Floats.pointer(page).getPointer((long) h * TOKENS * headSize);
  }
}
