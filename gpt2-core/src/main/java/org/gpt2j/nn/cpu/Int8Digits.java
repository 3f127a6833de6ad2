package org.gpt2j.nn.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.gpt2j.nn.Int8Matrix;

/**
 * y [m,n] = x [m,k] w + bias with w in 8 bits, by oneDNN's products of bytes. A row of x is rounded
 * to integers of 13 bits and a sign, in units of its own step, which are made positive and cut into
 * two digits of 7 bits: a product of 2 m rows gives sums that are exact on any processor, so that
 * nothing but the roundings tells the result from that of floats.
 *
 * <p>With v = x / step + ZERO = 128 high + low, the sum over x q is step (128 sum of high q + sum
 * of low q - ZERO sum of q).
 */
final class Int8Digits {
  private static final int BITS = 7;
  private static final int MASK = (1 << BITS) - 1;

  /** What zero becomes. */
  private static final int ZERO = 1 << 13;

  private static final int MAX_INTEGER = ZERO - 1;

  /** 1.5 * 2^23: a float that is the sum of it and a small one ends in the bits of an integer. */
  private static final float MAGIC = 0x1.8p23f;

  private static final int MAGIC_BITS = 0x4B400000;

  private static final ThreadLocal<Int8Digits> INSTANCE = ThreadLocal.withInitial(Int8Digits::new);

  /** Of a product that this thread called for: m rows of high digits, then m of low ones. */
  private BytePointer digits = new BytePointer(0);

  /** This thread's sums [2 m, width] of a panel, and the floats that they become. */
  private IntPointer product = new IntPointer(0);

  private int[] sums = new int[0];
  private float[] halves = new float[0];
  private final int[] offset = new int[Int8Matrix.PANEL];
  private final float[] scales = new float[Int8Matrix.PANEL];
  private final float[] row = new float[Int8Matrix.PANEL];
  private FloatBits bits = new FloatBits(0);

  private Int8Digits() {}

  /** Memory whose bits are read as floats or as ints: C2 makes vectors of copies only. */
  private static final class FloatBits {
    final FloatBuffer floats;
    final IntBuffer ints;

    FloatBits(int length) {
      ByteBuffer memory =
          ByteBuffer.allocateDirect(Float.BYTES * length).order(ByteOrder.nativeOrder());
      floats = memory.asFloatBuffer();
      ints = memory.asIntBuffer();
    }
  }

  private FloatBits bits(int length) {
    if (bits.ints.capacity() < length) {
      bits = new FloatBits(length);
    }
    return bits;
  }

  static void linear(int m, FloatBuffer x, Int8Matrix w, float[] bias, FloatBuffer y) {
    int q = w.quads();
    BytePointer digits = INSTANCE.get().digits(8L * m * q);
    IntBuffer words = digits.asByteBuffer().order(ByteOrder.nativeOrder()).asIntBuffer();
    float[] steps = new float[m];
    Parallel.forEach(m, i -> steps[i] = INSTANCE.get().round(x, words, i, m, w.rows(), q));
    Parallel.forEach(w.panels(), p -> INSTANCE.get().multiply(m, digits, steps, w, p, bias, y));
  }

  private BytePointer digits(long length) {
    if (digits.capacity() < length) {
      digits.deallocate();
      digits = new BytePointer(length);
    }
    return digits;
  }

  /** Writes the digits of row i of x and returns its step: NaN where not all of it is finite. */
  private float round(FloatBuffer x, IntBuffer digits, int i, int m, int k, int q) {
    float[] row = new float[4 * q];
    x.get(i * k, row, 0, k);
    float largest = largest(row);
    // |sum of x / step q| must stay below 2^31
    int most = Math.min(MAX_INTEGER, Integer.MAX_VALUE / 127 / k);
    toIntegers(row, largest == 0 ? 0 : most / largest);
    FloatBits bits = bits(4 * q);
    bits.floats.put(0, row);
    int[][] quarters = new int[4][q];
    for (int c = 0; c < 4; c++) {
      bits.ints.get(c * q, quarters[c]);
    }
    int[] high = new int[q];
    int[] low = new int[q];
    cut(quarters[0], quarters[1], quarters[2], quarters[3], high, low);
    digits.put(i * q, high);
    digits.put((m + i) * q, low);
    return largest - largest == 0 ? largest / most : Float.NaN;
  }

  private static float largest(float[] x) {
    float largest = 0;
    for (int j = 0; j < x.length; j++) {
      largest = Math.max(largest, Math.abs(x[j]));
    }
    return largest;
  }

  private static void toIntegers(float[] x, float inverse) {
    for (int j = 0; j < x.length; j++) {
      x[j] = x[j] * inverse + (MAGIC + ZERO);
    }
  }

  private static void cut(int[] a, int[] b, int[] c, int[] d, int[] high, int[] low) {
    for (int j = 0; j < high.length; j++) {
      high[j] =
          a[j] >> BITS & MASK
              | (b[j] >> BITS & MASK) << 8
              | (c[j] >> BITS & MASK) << 16
              | (d[j] >> BITS & MASK) << 24;
      low[j] = a[j] & MASK | (b[j] & MASK) << 8 | (c[j] & MASK) << 16 | (d[j] & MASK) << 24;
    }
  }

  private void reserve(int count) {
    if (sums.length < count) {
      product.deallocate();
      product = new IntPointer((long) count);
      sums = new int[count];
      halves = new float[count];
    }
  }

  private void multiply(
      int m,
      BytePointer digits,
      float[] steps,
      Int8Matrix w,
      int panel,
      float[] bias,
      FloatBuffer y) {
    int n = w.width(panel);
    int k = 4 * w.quads();
    int first = w.first(panel);
    reserve(2 * m * n);
    OneDnn.gemm(2 * m, n, k, digits, k, w.panel(panel), n, product, n);
    product.asBuffer().get(0, sums, 0, 2 * m * n);
    w.scales(first, scales, n);
    w.sums(first, offset, n);
    for (int i = 0; i < m; i++) {
      halves(sums, i * n, (m + i) * n, offset, n);
    }
    FloatBits bits = bits(2 * m * n);
    bits.ints.put(0, sums, 0, 2 * m * n);
    bits.floats.get(0, halves, 0, 2 * m * n);
    for (int i = 0; i < m; i++) {
      scale(halves, i * n, (m + i) * n, steps[i], scales, bias, first, row, n);
      y.put(i * w.columns() + first, row, 0, n);
    }
  }

  /**
   * Turns the sums of digits into the bits of MAGIC + (sum >> 16) and MAGIC + (sum & 0xffff), which
   * are exact: C2 makes no vectors of conversions. What is on its way to the sum may wrap around.
   */
  private static void halves(int[] sums, int high, int low, int[] offset, int n) {
    for (int j = 0; j < n; j++) {
      int sum = (sums[high + j] << BITS) + sums[low + j] - ZERO * offset[j];
      sums[high + j] = (sum >> 16) + MAGIC_BITS;
      sums[low + j] = (sum & 0xffff) + MAGIC_BITS;
    }
  }

  private static void scale(
      float[] halves,
      int high,
      int low,
      float step,
      float[] scales,
      float[] bias,
      int first,
      float[] to,
      int n) {
    for (int j = 0; j < n; j++) {
      float sum = (halves[high + j] - MAGIC) * 65536f + (halves[low + j] - MAGIC);
      to[j] = sum * (step * scales[j]) + bias[first + j];
    }
  }
}
