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

  /** Ints of a column in a strip. */
  private static final int QUADS = 4;

  /** Rows of b that are in the cache together. */
  private static final int STRIP = 4 * QUADS;

  private static final ThreadLocal<int[][]> WORDS =
      ThreadLocal.withInitial(() -> new int[QUADS][Int8Matrix.MAX_WIDTH]);

  private Int8Rows() {}

  /**
   * sums[first + i][j] = the sum of a[i][r] q[r][j] over rows from..to of b, without its scales.
   */
  static void block(
      int m, FloatBuffer a, Int8Matrix b, int panel, int from, int to, float[][] sums, int first) {
    int n = b.width(panel);
    int strips = (to - from + STRIP - 1) / STRIP;
    int[][] x = new int[m][strips * STRIP];
    int[][] sum = new int[m][n];
    float[] steps = new float[m];
    float[] row = new float[to - from];
    for (int i = 0; i < m; i++) {
      a.get(i * b.rows() + from, row);
      steps[i] = round(row, x[i]);
    }
    int[][] words = WORDS.get();
    int end = b.start(panel) + (to + 3) / 4 * n;
    for (int s = 0; s < strips; s++) {
      int start = b.start(panel) + (from + s * STRIP) / 4 * n;
      for (int q = 0; q < QUADS && start + q * n < end; q++) {
        b.words().get(start + q * n, words[q], 0, n);
      }
      for (int i = 0; i < m; i++) {
        add(sum[i], words[0], words[1], words[2], words[3], x[i], s * STRIP, n);
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
   * Adds a strip, of whose bytes each is q + 128: the sums may wrap around, what is left of them at
   * the end cannot. Two loops of two ints make a method that C2 finds too large to be inlined: in
   * the caller it would not vectorise them. Measure before changing a line.
   */
  private static void add(
      int[] sum, int[] words0, int[] words1, int[] words2, int[] words3, int[] x, int at, int n) {
    int x00 = x[at];
    int x01 = x[at + 1];
    int x02 = x[at + 2];
    int x03 = x[at + 3];
    int x10 = x[at + 4];
    int x11 = x[at + 5];
    int x12 = x[at + 6];
    int x13 = x[at + 7];
    for (int j = 0; j < n; j++) {
      int v = words0[j];
      int w = words1[j];
      sum[j] +=
          x00 * (v & 0xff)
              + x01 * (v >>> 8 & 0xff)
              + x02 * (v >>> 16 & 0xff)
              + x03 * (v >>> 24)
              + x10 * (w & 0xff)
              + x11 * (w >>> 8 & 0xff)
              + x12 * (w >>> 16 & 0xff)
              + x13 * (w >>> 24);
    }
    int x20 = x[at + 8];
    int x21 = x[at + 9];
    int x22 = x[at + 10];
    int x23 = x[at + 11];
    int x30 = x[at + 12];
    int x31 = x[at + 13];
    int x32 = x[at + 14];
    int x33 = x[at + 15];
    for (int j = 0; j < n; j++) {
      int v = words2[j];
      int w = words3[j];
      sum[j] +=
          x20 * (v & 0xff)
              + x21 * (v >>> 8 & 0xff)
              + x22 * (v >>> 16 & 0xff)
              + x23 * (v >>> 24)
              + x30 * (w & 0xff)
              + x31 * (w >>> 8 & 0xff)
              + x32 * (w >>> 16 & 0xff)
              + x33 * (w >>> 24);
    }
  }

  private static void toFloats(int[] sum, int offset, float step, float[] to, int n) {
    for (int j = 0; j < n; j++) {
      to[j] = (sum[j] - offset) * step;
    }
  }
}
