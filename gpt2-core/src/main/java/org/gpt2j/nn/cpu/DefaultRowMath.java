package org.gpt2j.nn.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.gpt2j.nn.CounterRandom;

/**
 * Plain Java, in the shape that C2 of JDK 17 turns into vector instructions: long loops without
 * branches over arrays indexed by the loop variable itself, which must not be used as a number. It
 * does not vectorise conversions between int and float nor the reinterpretation of bits; the latter
 * goes through a buffer by bulk copies. And it unrolls a loop to the vector's width only if that
 * loop has been long on average: short rows take another path, so as not to spoil the long ones'
 * profile.
 */
class DefaultRowMath implements RowMath {
  /** Elements at a time: a few arrays of them stay in the L1 cache. */
  private static final int BLOCK = 512;

  /** Below this length, element by element is as fast. */
  private static final int SHORT = 48;

  /** 0, 1, 2, ...: the loop variable as a number. */
  static final int[] INDEX = new int[BLOCK];

  static {
    for (int i = 0; i < BLOCK; i++) {
      INDEX[i] = i;
    }
  }

  static final float MIN_EXPONENT = -88f;
  static final float MAX_EXPONENT = 89f;
  static final float LOG2_E = 1.44269504f;
  static final float LN2_HIGH = 0.693359375f;
  static final float LN2_LOW = -2.12194440e-4f;
  static final float EXP_6 = 1.9875691500e-4f;
  static final float EXP_5 = 1.3981999507e-3f;
  static final float EXP_4 = 8.3334519073e-3f;
  static final float EXP_3 = 4.1665795894e-2f;
  static final float EXP_2 = 1.6666665459e-1f;
  static final float EXP_1 = 5.0000001201e-1f;

  /** 1.5 * 2^23: a sum with it is rounded to an integer, which its lower bits then hold. */
  static final float ROUND = 12582912f;

  static final int BITS_OF_ONE = 0x3F800000;

  /** This thread's block arrays, and memory to read ints as floats and the other way round. */
  private static final class Scratch {
    final float[] row = new float[BLOCK];
    final float[] factor = new float[BLOCK];
    final int[] bits = new int[BLOCK];
    private final ByteBuffer memory =
        ByteBuffer.allocateDirect(4 * BLOCK).order(ByteOrder.nativeOrder());
    private final FloatBuffer floats = memory.asFloatBuffer();
    private final IntBuffer ints = memory.asIntBuffer();

    void factorToBits(int n) {
      floats.put(0, factor, 0, n);
      ints.get(0, bits, 0, n);
    }

    void bitsToFactor(int n) {
      ints.put(0, bits, 0, n);
      floats.get(0, factor, 0, n);
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  @Override
  public float max(float[] x, int n) {
    float m0 = x[0];
    float m1 = m0;
    float m2 = m0;
    float m3 = m0;
    int i = 0;
    for (; i + 3 < n; i += 4) {
      m0 = x[i] > m0 ? x[i] : m0;
      m1 = x[i + 1] > m1 ? x[i + 1] : m1;
      m2 = x[i + 2] > m2 ? x[i + 2] : m2;
      m3 = x[i + 3] > m3 ? x[i + 3] : m3;
    }
    for (; i < n; i++) {
      m0 = x[i] > m0 ? x[i] : m0;
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  /** Four floats at a time: a conversion to double costs more than an addition. */
  @Override
  public double sum(float[] x, int n) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 15 < n; i += 16) {
      s0 += (x[i] + x[i + 1]) + (x[i + 2] + x[i + 3]);
      s1 += (x[i + 4] + x[i + 5]) + (x[i + 6] + x[i + 7]);
      s2 += (x[i + 8] + x[i + 9]) + (x[i + 10] + x[i + 11]);
      s3 += (x[i + 12] + x[i + 13]) + (x[i + 14] + x[i + 15]);
    }
    for (; i < n; i++) {
      s0 += x[i];
    }
    return s0 + s1 + s2 + s3;
  }

  @Override
  public double sumOfSquares(float[] x, int n) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < n; i += 4) {
      s0 += (double) x[i] * x[i];
      s1 += (double) x[i + 1] * x[i + 1];
      s2 += (double) x[i + 2] * x[i + 2];
      s3 += (double) x[i + 3] * x[i + 3];
    }
    for (; i < n; i++) {
      s0 += (double) x[i] * x[i];
    }
    return s0 + s1 + s2 + s3;
  }

  @Override
  public double dot(float[] x, float[] y, int n) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 15 < n; i += 16) {
      s0 += (x[i] * y[i] + x[i + 1] * y[i + 1]) + (x[i + 2] * y[i + 2] + x[i + 3] * y[i + 3]);
      s1 +=
          (x[i + 4] * y[i + 4] + x[i + 5] * y[i + 5]) + (x[i + 6] * y[i + 6] + x[i + 7] * y[i + 7]);
      s2 +=
          (x[i + 8] * y[i + 8] + x[i + 9] * y[i + 9])
              + (x[i + 10] * y[i + 10] + x[i + 11] * y[i + 11]);
      s3 +=
          (x[i + 12] * y[i + 12] + x[i + 13] * y[i + 13])
              + (x[i + 14] * y[i + 14] + x[i + 15] * y[i + 15]);
    }
    for (; i < n; i++) {
      s0 += x[i] * y[i];
    }
    return s0 + s1 + s2 + s3;
  }

  @Override
  public void expMinus(float[] x, int n, float shift) {
    if (n < SHORT) {
      for (int i = 0; i < n; i++) {
        x[i] = exp(x[i] - shift);
      }
      return;
    }
    Scratch scratch = SCRATCH.get();
    for (int from = 0; from < n; from += BLOCK) {
      int m = Math.min(BLOCK, n - from);
      System.arraycopy(x, from, scratch.row, 0, m);
      expMinusBlock(scratch, m, shift);
      System.arraycopy(scratch.row, 0, x, from, m);
    }
  }

  /**
   * Cephes expf: exp(x) = 2^k exp(r) with k the integer next to x / ln 2, ln 2 in two parts, and a
   * polynomial for exp(r). The clamp makes k -127 at least, where the bits of 2^k are those of 0,
   * and 128 at most, where they are those of infinity.
   */
  static float exp(float x) {
    float v = clamp(x);
    float rounded = v * LOG2_E + ROUND;
    return expOfRest(v, rounded) * Float.intBitsToFloat(power(Float.floatToRawIntBits(rounded)));
  }

  private static void expMinusBlock(Scratch scratch, int n, float shift) {
    float[] x = scratch.row;
    float[] p = scratch.factor;
    for (int i = 0; i < n; i++) {
      float v = clamp(x[i] - shift);
      x[i] = v;
      p[i] = v * LOG2_E + ROUND;
    }
    for (int i = 0; i < n; i++) {
      x[i] = expOfRest(x[i], p[i]);
    }
    scratch.factorToBits(n);
    int[] bits = scratch.bits;
    for (int i = 0; i < n; i++) {
      bits[i] = power(bits[i]);
    }
    scratch.bitsToFactor(n);
    multiply(x, p, n);
  }

  private static void multiply(float[] x, float[] factor, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= factor[i];
    }
  }

  private static float clamp(float x) {
    return Math.max(MIN_EXPONENT, Math.min(MAX_EXPONENT, x));
  }

  private static float expOfRest(float x, float rounded) {
    float k = rounded - ROUND;
    float r = x - k * LN2_HIGH - k * LN2_LOW;
    float p = EXP_6 * r + EXP_5;
    p = p * r + EXP_4;
    p = p * r + EXP_3;
    p = p * r + EXP_2;
    p = p * r + EXP_1;
    return p * r * r + r + 1f;
  }

  /** The bits of 2^k, given those of k + ROUND. */
  private static int power(int roundedBits) {
    return (roundedBits << 23) + BITS_OF_ONE;
  }

  @Override
  public void dropout(float[] x, int n, long lanes, int counter, int threshold, float factor) {
    int bits = Float.floatToRawIntBits(factor);
    if (n < SHORT) {
      for (int i = 0; i < n; i++) {
        int kept = kept(CounterRandom.bits32(lanes, counter + i), threshold);
        x[i] *= Float.intBitsToFloat(kept & bits);
      }
      return;
    }
    Scratch scratch = SCRATCH.get();
    for (int from = 0; from < n; from += BLOCK) {
      int m = Math.min(BLOCK, n - from);
      maskBlock(scratch.bits, m, lanes, counter + from, threshold, bits);
      scratch.bitsToFactor(m);
      System.arraycopy(x, from, scratch.row, 0, m);
      multiply(scratch.row, scratch.factor, m);
      System.arraycopy(scratch.row, 0, x, from, m);
    }
  }

  private static void maskBlock(
      int[] mask, int n, long lanes, int counter, int threshold, int factorBits) {
    int[] index = INDEX;
    for (int i = 0; i < n; i++) {
      mask[i] = kept(CounterRandom.bits32(lanes, counter + index[i]), threshold) & factorBits;
    }
  }

  /** All bits set where the upper 31 random bits are at least the threshold, else none. */
  private static int kept(int random, int threshold) {
    return ~(((random >>> 1) - threshold) >> 31);
  }
}
