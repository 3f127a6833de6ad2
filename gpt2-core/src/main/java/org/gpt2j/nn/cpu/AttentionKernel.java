package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Causal attention of packed sequences by small GEMMs: a block of ROWS queries meets only the keys
 * up to its last row, so no more than a block's corner is wasted, and no [length, length] matrix
 * exists. The backward pass makes each block's weights again from the saved log-denominators (as
 * FlashAttention does, Dao et al. 2022).
 */
final class AttentionKernel {
  /** Queries of a block. */
  private static final int ROWS = 64;

  private static final RowMath MATH = RowMathProvider.get();

  private final FloatPointer qkv;
  private final int[] starts;
  private final int nHead;
  private final int width;
  private final int headSize;
  private final float scale;
  private final double p;
  private final long key;
  private final int maxLength;

  AttentionKernel(INDArray qkv, int[] starts, int nHead, double scale, double p, long key) {
    this.qkv = Floats.pointer(qkv);
    this.starts = starts;
    this.nHead = nHead;
    this.width = (int) qkv.size(1) / 3;
    this.headSize = width / nHead;
    this.scale = (float) scale;
    this.p = p;
    this.key = key;
    int longest = 0;
    for (int s = 0; s + 1 < starts.length; s++) {
      longest = Math.max(longest, starts[s + 1] - starts[s]);
    }
    this.maxLength = longest;
  }

  /** This thread's block matrices, off the heap for the BLAS, and a row of each on the heap. */
  private static final class Scratch {
    private FloatPointer scores = new FloatPointer(0);
    private FloatPointer gradients = new FloatPointer(0);
    private float[] row = new float[0];
    private float[] gradientRow = new float[0];
    private float[] mask = new float[0];

    void ensure(int keys) {
      if (row.length < keys) {
        scores.deallocate();
        gradients.deallocate();
        scores = new FloatPointer((long) ROWS * keys);
        gradients = new FloatPointer((long) ROWS * keys);
        row = new float[keys];
        gradientRow = new float[keys];
        mask = new float[keys];
      }
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  /** Does one head of one sequence: rows [first, first + length) of the batch. */
  @FunctionalInterface
  private interface HeadTask {
    void run(int head, int first, int length, Scratch scratch);
  }

  private void forEachHead(HeadTask task) {
    int sequences = starts.length - 1;
    Parallel.forEach(
        sequences * nHead,
        i -> {
          int first = starts[i / nHead];
          int length = starts[i / nHead + 1] - first;
          Scratch scratch = SCRATCH.get();
          scratch.ensure(maxLength);
          task.run(i % nHead, first, length, scratch);
        });
  }

  /** Queries (part 0), keys (1) or values (2) of a head from a row on; rows are 3 * width apart. */
  private FloatPointer at(FloatPointer base, int part, int head, int row) {
    return base.getPointer((long) row * 3 * width + (long) part * width + (long) head * headSize);
  }

  private FloatPointer output(FloatPointer base, int head, int row) {
    return base.getPointer((long) row * width + (long) head * headSize);
  }

  void forward(INDArray outArray, INDArray lseArray) {
    FloatPointer out = Floats.pointer(outArray);
    FloatBuffer lse = Floats.buffer(lseArray);
    forEachHead(
        (head, first, length, scratch) -> {
          for (int i0 = 0; i0 < length; i0 += ROWS) {
            int i1 = Math.min(length, i0 + ROWS);
            FloatBuffer scores = scores(head, first, i0, i1, scratch);
            for (int i = i0; i < i1; i++) {
              float[] row = scratch.row;
              scores.get((i - i0) * i1, row, 0, i + 1);
              float max = MATH.max(row, i + 1);
              MATH.expMinus(row, i + 1, max);
              double sum = MATH.sum(row, i + 1);
              lse.put((first + i) * nHead + head, (float) (max + Math.log(sum)));
              float inverse = (float) (1 / sum);
              for (int j = 0; j <= i; j++) {
                row[j] *= inverse;
              }
              if (p > 0) {
                Elementwise.drop(row, i + 1, p, key, counter(first + i, head));
              }
              Arrays.fill(row, i + 1, i1, 0f);
              scores.put((i - i0) * i1, row, 0, i1);
            }
            Blas.gemm(
                false,
                false,
                i1 - i0,
                headSize,
                i1,
                1f,
                scratch.scores,
                i1,
                at(qkv, 2, head, first),
                3 * width,
                0f,
                output(out, head, first + i0),
                width);
          }
        });
  }

  /** scratch.scores [i1-i0, i1] = scale * queries i0..i1 times keys 0..i1. */
  private FloatBuffer scores(int head, int first, int i0, int i1, Scratch scratch) {
    Blas.gemm(
        false,
        true,
        i1 - i0,
        i1,
        headSize,
        scale,
        at(qkv, 0, head, first + i0),
        3 * width,
        at(qkv, 1, head, first),
        3 * width,
        0f,
        scratch.scores,
        i1);
    return block(scratch.scores, i0, i1);
  }

  private static FloatBuffer block(FloatPointer p, int i0, int i1) {
    return p.getPointer(0).capacity((long) (i1 - i0) * i1).asBuffer();
  }

  private long counter(int row, int head) {
    return ((long) row * nHead + head) * maxLength;
  }

  /**
   * With weights P, their dropped-out form D = P mask, and G = dOut v^T mask: dV = D^T dOut; dS = P
   * (G - delta) scale, delta = sum_j P G = dOut . out; dQ = dS K; dK = dS^T Q.
   */
  void backward(INDArray dOutArray, INDArray outArray, INDArray lseArray, INDArray dqkvArray) {
    FloatPointer dOut = Floats.pointer(dOutArray);
    FloatBuffer dOutRows = Floats.buffer(dOutArray);
    FloatBuffer outRows = Floats.buffer(outArray);
    FloatBuffer lse = Floats.buffer(lseArray);
    FloatPointer dqkv = Floats.pointer(dqkvArray);
    forEachHead(
        (head, first, length, scratch) -> {
          float[] a = new float[headSize];
          float[] b = new float[headSize];
          for (int i0 = 0; i0 < length; i0 += ROWS) {
            int i1 = Math.min(length, i0 + ROWS);
            int n = i1 - i0;
            FloatBuffer scores = scores(head, first, i0, i1, scratch);
            Blas.gemm(
                false,
                true,
                n,
                i1,
                headSize,
                1f,
                output(dOut, head, first + i0),
                width,
                at(qkv, 2, head, first),
                3 * width,
                0f,
                scratch.gradients,
                i1);
            FloatBuffer gradients = block(scratch.gradients, i0, i1);
            for (int i = i0; i < i1; i++) {
              int at = (first + i) * width + head * headSize;
              dOutRows.get(at, a);
              outRows.get(at, b);
              float delta = (float) MATH.dot(a, b, headSize);
              rowGradient(scores, gradients, i, i0, i1, head, first, delta, lse, scratch);
            }
            // Later blocks add to the keys and values that earlier ones wrote; the block's own rows
            // come last, so the first block to touch a row overwrites what was there.
            addKeyOrValue(2, scratch.scores, dOut, width, head, first, i0, i1, dqkv);
            addKeyOrValue(1, scratch.gradients, qkv, 3 * width, head, first, i0, i1, dqkv);
            Blas.gemm(
                false,
                false,
                n,
                headSize,
                i1,
                1f,
                scratch.gradients,
                i1,
                at(qkv, 1, head, first),
                3 * width,
                0f,
                at(dqkv, 0, head, first + i0),
                3 * width);
          }
        });
  }

  /** Turns row i of scores into dropped-out weights and of gradients into score gradients. */
  private void rowGradient(
      FloatBuffer scores,
      FloatBuffer gradients,
      int i,
      int i0,
      int i1,
      int head,
      int first,
      float delta,
      FloatBuffer lse,
      Scratch scratch) {
    float[] w = scratch.row;
    float[] g = scratch.gradientRow;
    int keys = i + 1;
    scores.get((i - i0) * i1, w, 0, keys);
    gradients.get((i - i0) * i1, g, 0, keys);
    float shift = lse.get((first + i) * nHead + head);
    MATH.expMinus(w, keys, shift);
    if (p > 0) {
      float[] mask = scratch.mask;
      Arrays.fill(mask, 0, keys, 1f);
      Elementwise.drop(mask, keys, p, key, counter(first + i, head));
      for (int j = 0; j < keys; j++) {
        g[j] = w[j] * (g[j] * mask[j] - delta) * scale;
        w[j] *= mask[j];
      }
    } else {
      for (int j = 0; j < keys; j++) {
        g[j] = w[j] * (g[j] - delta) * scale;
      }
    }
    Arrays.fill(w, keys, i1, 0f);
    Arrays.fill(g, keys, i1, 0f);
    scores.put((i - i0) * i1, w, 0, i1);
    gradients.put((i - i0) * i1, g, 0, i1);
  }

  /**
   * dqkv's keys (part 1) or values (2) of rows 0..i1 += block^T [i1, n] times source rows i0..i1.
   */
  private void addKeyOrValue(
      int part,
      FloatPointer block,
      FloatPointer source,
      int sourceRow,
      int head,
      int first,
      int i0,
      int i1,
      FloatPointer dqkv) {
    int n = i1 - i0;
    FloatPointer rows = source.getPointer((long) (first + i0) * sourceRow + (long) head * headSize);
    if (i0 > 0) {
      Blas.gemm(
          true,
          false,
          i0,
          headSize,
          n,
          1f,
          block,
          i1,
          rows,
          sourceRow,
          1f,
          at(dqkv, part, head, first),
          3 * width);
    }
    Blas.gemm(
        true,
        false,
        n,
        headSize,
        n,
        1f,
        block.getPointer(i0),
        i1,
        rows,
        sourceRow,
        0f,
        at(dqkv, part, head, first + i0),
        3 * width);
  }
}
