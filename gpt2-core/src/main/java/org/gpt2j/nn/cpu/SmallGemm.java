package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * c [m,n] = alpha a [m,k] b [k,n] + beta c for few rows, where a BLAS spends its time copying b
 * into its own order: here b is read once, in the order in which it lies.
 *
 * <p>k is split into BLOCKS blocks whose sums are added in their order, whatever the number of
 * threads. A block takes strips of STRIP rows of b into the cache, cut into pieces of at most WIDTH
 * columns, and adds to TILE rows of c at a time. Each element is a sum in the order of k, so that a
 * row's result does not depend on the rows beside it.
 */
final class SmallGemm {
  /** From here on the BLAS is as fast. */
  private static final int MAX_ROWS = 28;

  private static final int MIN_COLUMNS = 128;
  private static final int MAX_COLUMNS = 1 << 14;
  private static final int MIN_WORK = 1 << 16;

  private static final int BLOCKS = 4;

  /** A strip's columns and the tile's are 27 KiB: they stay in the L1 cache. */
  private static final int WIDTH = 768;

  private static final int STRIP = SmallGemmTile.STRIP;
  private static final int TILE = SmallGemmTile.ROWS;

  private static final ThreadLocal<SmallGemm> INSTANCE = ThreadLocal.withInitial(SmallGemm::new);

  /** Rows of the blocks' sums, cut into pieces: kept by the calling thread for its next product. */
  private float[][] sums = new float[0][];

  /** A strip, cut into pieces: this thread's. */
  private float[][] strip = new float[0][];

  /** For each strip of a block and tile of c, its part of a: this thread's. */
  private float[] coefficients = new float[0];

  private SmallGemm() {}

  /** Whether a product of this size is faster here than in the BLAS. */
  static boolean suits(int m, int n, int k) {
    return m <= MAX_ROWS && n >= MIN_COLUMNS && n <= MAX_COLUMNS && (long) n * k >= MIN_WORK;
  }

  /** Columns of a piece, for n columns. */
  private static int width(int n) {
    int pieces = (n + WIDTH - 1) / WIDTH;
    return Math.min(WIDTH, ((n + pieces - 1) / pieces + 15) / 16 * 16);
  }

  static void multiply(
      int m, int n, int k, float alpha, FloatBuffer a, FloatBuffer b, float beta, FloatBuffer c) {
    int width = width(n);
    int pieces = (n + width - 1) / width;
    int depth = ((k + BLOCKS - 1) / BLOCKS + STRIP - 1) / STRIP * STRIP;
    SmallGemm shared = INSTANCE.get();
    shared.sums = atLeast(shared.sums, BLOCKS * pieces * m, WIDTH);
    float[][] sums = shared.sums;
    int blocks = (k + depth - 1) / depth;
    Parallel.forRange(
        k,
        depth,
        (from, to) ->
            INSTANCE.get().block(m, n, k, width, from, to, a, b, sums, from / depth * pieces * m));
    Parallel.forRange(
        m,
        TILE,
        (begin, end) -> {
          float[] row = new float[width];
          for (int i = begin; i < end; i++) {
            for (int p = 0; p < pieces; p++) {
              int columns = Math.min(width, n - p * width);
              float[] sum = sums[p * m + i];
              for (int block = 1; block < blocks; block++) {
                add(sums[(block * pieces + p) * m + i], sum, columns);
              }
              if (alpha != 1 || beta != 0) {
                c.get(i * n + p * width, row, 0, columns);
                combine(alpha, sum, beta, row, columns);
              }
              c.put(i * n + p * width, sum, 0, columns);
            }
          }
        });
  }

  static float[][] atLeast(float[][] rows, int count, int length) {
    if (rows.length >= count) {
      return rows;
    }
    float[][] more = Arrays.copyOf(rows, count);
    for (int i = rows.length; i < count; i++) {
      more[i] = new float[length];
    }
    return more;
  }

  static void add(float[] x, float[] sum, int n) {
    for (int j = 0; j < n; j++) {
      sum[j] += x[j];
    }
  }

  /** As in BLAS: with beta 0 it does not matter what c holds, even NaN. */
  private static void combine(float alpha, float[] sum, float beta, float[] c, int n) {
    if (beta == 0) {
      for (int j = 0; j < n; j++) {
        sum[j] *= alpha;
      }
      return;
    }
    for (int j = 0; j < n; j++) {
      sum[j] = alpha * sum[j] + beta * c[j];
    }
  }

  /** Rows from..to of b; the sums of row i and piece p go to sums[first + p * m + i]. */
  private void block(
      int m,
      int n,
      int k,
      int width,
      int from,
      int to,
      FloatBuffer a,
      FloatBuffer b,
      float[][] sums,
      int first) {
    int pieces = (n + width - 1) / width;
    strip = atLeast(strip, pieces * STRIP, WIDTH);
    coefficients = SmallGemmTile.coefficients(m, k, from, to, a, coefficients);
    int at = 0;
    for (int r = from; r < to; r += STRIP) {
      loadStrip(b, r, Math.min(to, r + STRIP), n, width);
      for (int p = 0; p < pieces; p++) {
        int columns = Math.min(width, n - p * width);
        for (int i = 0; i < m; i += TILE) {
          int row = first + p * m + i;
          int rows = Math.min(TILE, m - i);
          if (r == from) {
            for (int j = 0; j < rows; j++) {
              Arrays.fill(sums[row + j], 0, columns, 0f);
            }
          }
          int tile = at + i / TILE * SmallGemmTile.COEFFICIENTS;
          SmallGemmTile.add(rows, sums, row, strip, p * STRIP, coefficients, tile, columns);
        }
      }
      at += (m + TILE - 1) / TILE * SmallGemmTile.COEFFICIENTS;
    }
  }

  /** Rows from..to of b, row after row, as the memory likes it; zeros after a short strip's end. */
  private void loadStrip(FloatBuffer b, int from, int to, int n, int width) {
    for (int r = 0; r < STRIP; r++) {
      for (int p = 0; p * width < n; p++) {
        int columns = Math.min(width, n - p * width);
        float[] row = strip[p * STRIP + r];
        if (from + r < to) {
          b.get((from + r) * n + p * width, row, 0, columns);
        } else {
          Arrays.fill(row, 0, columns, 0f);
        }
      }
    }
  }
}
