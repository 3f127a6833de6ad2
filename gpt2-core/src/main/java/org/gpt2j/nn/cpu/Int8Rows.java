package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import org.gpt2j.nn.Int8Matrix;

/**
 * Products of very few rows with 8-bit weights in 32-bit integers: the rows are rounded to at most
 * 14 bits and a sign of their largest element in the block, so that all sums are exact, and a
 * weight costs a fraction of what widening it would.
 */
final class Int8Rows {
  private static final int MAX_INTEGER = (1 << 14) - 1;

  private static final ThreadLocal<int[]> WORDS =
      ThreadLocal.withInitial(() -> new int[Int8Matrix.PANEL]);

  private Int8Rows() {}

  /**
   * sums[first + i][j] = the sum of a[i][r] q[r][j] over rows from..to of b, without its scales.
   */
  static void block(
      int m, FloatBuffer a, Int8Matrix b, int panel, int from, int to, float[][] sums, int first) {
    int n = b.width(panel);
    int quads = (to - from + 3) / 4;
    int[][] x = new int[m][4 * quads];
    int[][] sum = new int[m][n];
    float[] steps = new float[m];
    float[] row = new float[to - from];
    for (int i = 0; i < m; i++) {
      a.get(i * b.rows() + from, row);
      steps[i] = round(row, x[i]);
    }
    int[] words = WORDS.get();
    int start = b.start(panel) + from / 4 * n;
    for (int q = 0; q < quads; q++) {
      b.words().get(start + q * n, words, 0, n);
      for (int i = 0; i < m; i++) {
        int[] xi = x[i];
        add(sum[i], words, xi[4 * q], xi[4 * q + 1], xi[4 * q + 2], xi[4 * q + 3], n);
      }
    }
    for (int i = 0; i < m; i++) {
      int offset = 0;
      for (int v : x[i]) {
        offset += v;
      }
      toFloats(sum[i], 128 * offset, steps[i], sums[first + i], n);
    }
  }

  /** Rounds x to multiples of a step, which is returned, no larger than keeps the sums exact. */
  private static float round(float[] x, int[] to) {
    float largest = 0;
    for (float v : x) {
      largest = Math.max(largest, Math.abs(v));
    }
    int most = Math.min(MAX_INTEGER, Integer.MAX_VALUE / 127 / x.length);
    for (int r = 0; r < x.length; r++) {
      to[r] = largest == 0 ? 0 : (int) Math.rint((double) x[r] * most / largest);
    }
    return largest / most;
  }

  /**
   * Of the bytes as they are, q + 128: the sums may wrap around, what is left at the end cannot.
   */
  private static void add(int[] sum, int[] words, int x0, int x1, int x2, int x3, int n) {
    for (int j = 0; j < n; j++) {
      int word = words[j];
      sum[j] +=
          x0 * (word & 0xff)
              + x1 * (word >>> 8 & 0xff)
              + x2 * (word >>> 16 & 0xff)
              + x3 * (word >>> 24);
    }
  }

  private static void toFloats(int[] sum, int offset, float step, float[] to, int n) {
    for (int j = 0; j < n; j++) {
      to[j] = (sum[j] - offset) * step;
    }
  }
}
