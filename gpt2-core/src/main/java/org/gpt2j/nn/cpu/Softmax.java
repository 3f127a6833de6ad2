package org.gpt2j.nn.cpu;

/** The pieces of a softmax over part of a float array. */
final class Softmax {
  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  private Softmax() {}

  static float max(float[] x, int n) {
    float m = x[0];
    for (int i = 1; i < n; i++) {
      m = Math.max(m, x[i]);
    }
    return m;
  }

  /** x[i] = exp(x[i] - shift) for i below n; returns their sum. */
  static double expMinus(float[] x, int n, float shift) {
    for (int i = 0; i < n; i++) {
      x[i] = exp(x[i] - shift);
    }
    return Rows.sum(x, n);
  }

  /**
   * exp for x at most about 88, 0 below -87 (Cephes expf: reduction by multiples of ln 2 in two
   * parts, then a polynomial); relative error below 2e-7.
   */
  static float exp(float x) {
    if (x < -87f) {
      return 0f;
    }
    if (!(x <= 88f)) {
      return (float) Math.exp(x); // overflow and NaN
    }
    int k = (int) (x * LOG2_E + (x < 0 ? -0.5f : 0.5f));
    float r = x - k * LN2_HIGH - k * LN2_LOW;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1f;
    return p * Float.intBitsToFloat((k + 127) << 23);
  }
}
