package org.gpt2j.nn.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.gpt2j.nn.Int8Matrix;

/**
 * Makes floats of 8-bit weights in loops that C2 vectorises, which conversions are not: a byte goes
 * into the upper bits of a float's mantissa, as 1 + byte / 256 with byte = q + 128, that is 1.5 + q
 * / 256; the bits are read as floats by copies through a small buffer.
 */
final class Int8Widening {
  /** What a float is above q / 256. */
  static final float OFFSET = 1.5f;

  private static final float STEPS = 256f;
  private static final int ONE = 0x3F800000;
  private static final int MANTISSA = 0x007F8000;

  private final int[] words;
  private final int[][] bits;
  private final IntBuffer ints;
  private final FloatBuffer floats;

  /**
   * @param columns at most
   */
  Int8Widening(int columns) {
    words = new int[columns];
    bits = new int[4][columns];
    ByteBuffer memory =
        ByteBuffer.allocateDirect(Float.BYTES * columns).order(ByteOrder.nativeOrder());
    ints = memory.asIntBuffer();
    floats = memory.asFloatBuffer();
  }

  /**
   * to[r - from][j] = 1.5 + q / 256 for rows from..end of b and n columns of a panel, from a first
   * one on. {@code from} is a multiple of four; up to three more rows are written.
   */
  void load(Int8Matrix b, int panel, int from, int end, int first, int n, float[][] to) {
    int width = b.width(panel);
    for (int r = from; r < end; r += 4) {
      b.words().get(b.start(panel) + r / 4 * width + first, words, 0, n);
      split(words, bits[0], bits[1], bits[2], bits[3], n);
      for (int i = 0; i < 4; i++) {
        ints.put(0, bits[i], 0, n);
        floats.get(0, to[r - from + i], 0, n);
      }
    }
  }

  private static void split(int[] words, int[] b0, int[] b1, int[] b2, int[] b3, int n) {
    for (int j = 0; j < n; j++) {
      int word = words[j];
      b0[j] = word << 15 & MANTISSA | ONE;
      b1[j] = word << 7 & MANTISSA | ONE;
      b2[j] = word >>> 1 & MANTISSA | ONE;
      b3[j] = word >>> 9 & MANTISSA | ONE;
    }
  }

  /** x = x * 256 - 256 * offset. */
  static void toIntegers(float[] x, float offset, int n) {
    float c = -STEPS * offset;
    for (int j = 0; j < n; j++) {
      x[j] = x[j] * STEPS + c;
    }
  }

  /** x = q times the scales, exactly rounded. */
  static void scale(float[] x, float[] scales, int n) {
    for (int j = 0; j < n; j++) {
      x[j] = (x[j] - OFFSET) * STEPS * scales[j];
    }
  }
}
