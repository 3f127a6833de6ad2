package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Products of one row, or of very few with a transposed matrix, by the BLAS's sgemv: on each thread
 * one part of the matrix that lies in one piece, as the memory's speed is all that counts. The
 * parts do not depend on the number of threads.
 */
final class Gemv {
  private static final int MIN_WORK = 1 << 16;

  /** Rows of a times a transposed b, up to which b comes from the cache but once from memory. */
  private static final int MAX_ROWS = 8;

  /** Floats of a part of a transposed b: half of a usual L2 cache. */
  private static final int PART = 1 << 16;

  private static final int BLOCKS = 4;

  private static final ThreadLocal<Gemv> INSTANCE = ThreadLocal.withInitial(Gemv::new);

  private FloatPointer sums = new FloatPointer(0);

  private Gemv() {}

  static boolean suits(boolean transB, int m, int n, int k) {
    return m <= (transB ? MAX_ROWS : 1) && (long) n * k >= MIN_WORK;
  }

  /** c [n] = alpha a [k] b [k,n] + beta c: the sums of blocks of b's rows, added in their order. */
  static void multiply(
      int n, int k, float alpha, FloatPointer a, FloatPointer b, float beta, FloatPointer c) {
    int depth = (k + BLOCKS - 1) / BLOCKS;
    int blocks = (k + depth - 1) / depth;
    FloatPointer sums = INSTANCE.get().sums(blocks * n);
    Parallel.forEach(
        blocks,
        block -> {
          int from = block * depth;
          Blas.gemv(
              true,
              Math.min(depth, k - from),
              n,
              alpha,
              b.getPointer((long) from * n),
              a.getPointer(from),
              0f,
              sums.getPointer((long) block * n));
        });
    FloatBuffer parts = sums.asBuffer();
    float[] sum = new float[n];
    float[] part = new float[n];
    FloatBuffer out = c.getPointer(0).capacity(n).asBuffer();
    if (beta != 0) {
      out.get(0, sum);
      for (int j = 0; j < n; j++) {
        sum[j] *= beta;
      }
    }
    for (int block = 0; block < blocks; block++) {
      parts.get(block * n, part);
      for (int j = 0; j < n; j++) {
        sum[j] += part[j];
      }
    }
    out.put(0, sum);
  }

  private FloatPointer sums(int length) {
    if (sums.capacity() < length) {
      sums.deallocate();
      sums = new FloatPointer(length);
    }
    return sums;
  }

  /** c [m,n] = alpha a [m,k] b^T [k,n] + beta c: dot products with b's rows. */
  static void multiplyTransposed(
      int m,
      int n,
      int k,
      float alpha,
      FloatPointer a,
      FloatPointer b,
      float beta,
      FloatPointer c) {
    int size = Math.max(1, PART / k);
    Parallel.forEach(
        (n + size - 1) / size,
        part -> {
          int from = part * size;
          int rows = Math.min(size, n - from);
          FloatPointer piece = b.getPointer((long) from * k);
          for (int i = 0; i < m; i++) {
            Blas.gemv(
                false,
                rows,
                k,
                alpha,
                piece,
                a.getPointer((long) i * k),
                beta,
                c.getPointer((long) i * n + from));
          }
        });
  }
}
