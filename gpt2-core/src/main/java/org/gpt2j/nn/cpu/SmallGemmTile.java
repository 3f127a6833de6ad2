package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;

/**
 * The innermost loops of {@link SmallGemm}: STRIP rows of b times up to ROWS rows of a. Their shape
 * is what C2 vectorises: three rows on each side are as many arrays as its limit on the size of a
 * loop lets through, and two such loops make a method too big to be inlined into a caller where
 * they would not be vectorised. Measure before changing a line.
 */
final class SmallGemmTile {
  /** Rows of c. */
  static final int ROWS = 3;

  /** Rows of b. */
  static final int STRIP = 6;

  /** Elements of a that a strip and a tile meet in. */
  static final int COEFFICIENTS = STRIP * ROWS;

  private SmallGemmTile() {}

  /**
   * Columns from..to of a [m,k] in the order in which {@link #add} reads them: strip after strip,
   * in each the tiles of ROWS rows, zeros after the end.
   *
   * @param reuse memory for the result where it is large enough
   */
  static float[] coefficients(int m, int k, int from, int to, FloatBuffer a, float[] reuse) {
    int tiles = (m + ROWS - 1) / ROWS;
    int strips = (to - from + STRIP - 1) / STRIP;
    int length = strips * tiles * COEFFICIENTS;
    float[] x = reuse.length < length ? new float[length] : reuse;
    float[] row = new float[strips * STRIP];
    for (int i = 0; i < m; i++) {
      a.get(i * k + from, row, 0, to - from);
      for (int s = 0; s < strips; s++) {
        int at = (s * tiles + i / ROWS) * COEFFICIENTS + i % ROWS * 3;
        for (int r = 0; r < STRIP; r++) {
          x[at + r / 3 * 9 + r % 3] = row[s * STRIP + r];
        }
      }
    }
    return x;
  }

  /** y[first + i][j] += the sum over r of coefficient (i, r) times b[strip + r][j]. */
  static void add(
      int rows, float[][] y, int first, float[][] b, int strip, float[] x, int at, int n) {
    switch (rows) {
      case 3 -> add3(y[first], y[first + 1], y[first + 2], b, strip, x, at, n);
      case 2 -> add2(y[first], y[first + 1], b, strip, x, at, n);
      default -> add1(y[first], b, strip, x, at, n);
    }
  }

  private static void add3(
      float[] y0, float[] y1, float[] y2, float[][] b, int strip, float[] x, int at, int n) {
    float[] b0 = b[strip];
    float[] b1 = b[strip + 1];
    float[] b2 = b[strip + 2];
    float[] b3 = b[strip + 3];
    float[] b4 = b[strip + 4];
    float[] b5 = b[strip + 5];
    float x00 = x[at];
    float x01 = x[at + 1];
    float x02 = x[at + 2];
    float x10 = x[at + 3];
    float x11 = x[at + 4];
    float x12 = x[at + 5];
    float x20 = x[at + 6];
    float x21 = x[at + 7];
    float x22 = x[at + 8];
    for (int j = 0; j < n; j++) {
      float u = b0[j];
      float v = b1[j];
      float w = b2[j];
      y0[j] = Math.fma(x02, w, Math.fma(x01, v, Math.fma(x00, u, y0[j])));
      y1[j] = Math.fma(x12, w, Math.fma(x11, v, Math.fma(x10, u, y1[j])));
      y2[j] = Math.fma(x22, w, Math.fma(x21, v, Math.fma(x20, u, y2[j])));
    }
    float x03 = x[at + 9];
    float x04 = x[at + 10];
    float x05 = x[at + 11];
    float x13 = x[at + 12];
    float x14 = x[at + 13];
    float x15 = x[at + 14];
    float x23 = x[at + 15];
    float x24 = x[at + 16];
    float x25 = x[at + 17];
    for (int j = 0; j < n; j++) {
      float u = b3[j];
      float v = b4[j];
      float w = b5[j];
      y0[j] = Math.fma(x05, w, Math.fma(x04, v, Math.fma(x03, u, y0[j])));
      y1[j] = Math.fma(x15, w, Math.fma(x14, v, Math.fma(x13, u, y1[j])));
      y2[j] = Math.fma(x25, w, Math.fma(x24, v, Math.fma(x23, u, y2[j])));
    }
  }

  private static void add2(
      float[] y0, float[] y1, float[][] b, int strip, float[] x, int at, int n) {
    float[] b0 = b[strip];
    float[] b1 = b[strip + 1];
    float[] b2 = b[strip + 2];
    float[] b3 = b[strip + 3];
    float[] b4 = b[strip + 4];
    float[] b5 = b[strip + 5];
    float x00 = x[at];
    float x01 = x[at + 1];
    float x02 = x[at + 2];
    float x10 = x[at + 3];
    float x11 = x[at + 4];
    float x12 = x[at + 5];
    for (int j = 0; j < n; j++) {
      float u = b0[j];
      float v = b1[j];
      float w = b2[j];
      y0[j] = Math.fma(x02, w, Math.fma(x01, v, Math.fma(x00, u, y0[j])));
      y1[j] = Math.fma(x12, w, Math.fma(x11, v, Math.fma(x10, u, y1[j])));
    }
    float x03 = x[at + 9];
    float x04 = x[at + 10];
    float x05 = x[at + 11];
    float x13 = x[at + 12];
    float x14 = x[at + 13];
    float x15 = x[at + 14];
    for (int j = 0; j < n; j++) {
      float u = b3[j];
      float v = b4[j];
      float w = b5[j];
      y0[j] = Math.fma(x05, w, Math.fma(x04, v, Math.fma(x03, u, y0[j])));
      y1[j] = Math.fma(x15, w, Math.fma(x14, v, Math.fma(x13, u, y1[j])));
    }
  }

  private static void add1(float[] y0, float[][] b, int strip, float[] x, int at, int n) {
    for (int half = 0; half < 2; half++) {
      addRow(
          y0,
          b[strip + 3 * half],
          b[strip + 3 * half + 1],
          b[strip + 3 * half + 2],
          x,
          at + 9 * half,
          n);
    }
  }

  private static void addRow(
      float[] y, float[] b0, float[] b1, float[] b2, float[] x, int at, int n) {
    float x0 = x[at];
    float x1 = x[at + 1];
    float x2 = x[at + 2];
    for (int j = 0; j < n; j++) {
      y[j] = Math.fma(x2, b2[j], Math.fma(x1, b1[j], Math.fma(x0, b0[j], y[j])));
    }
  }
}
