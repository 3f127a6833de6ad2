package org.gpt2j.nn.cpu;

import org.gpt2j.nn.CounterRandom;

/**
 * The inner loops that a plain loop leaves slow: over the first n floats of a row, deterministic
 * for each provider. {@link RowMathProvider} picks one.
 */
interface RowMath {
  /** The largest element, n at least 1; of a row with a NaN, any element. */
  float max(float[] x, int n);

  /** The sum, in a fixed order: of a few floats at most in float, of these in double precision. */
  double sum(float[] x, int n);

  /** The inner product, added up as in {@link #sum}. */
  double dot(float[] x, float[] y, int n);

  /** The sum of the squares, all in double precision, in a fixed order. */
  double sumOfSquares(float[] x, int n);

  /**
   * x[i] = exp(x[i] - shift), relative error below 2e-7; 0 below -87.7, infinity above 88.4, NaN
   * for NaN.
   */
  void expMinus(float[] x, int n, float shift);

  /**
   * x[i] *= factor where the upper 31 bits of {@link CounterRandom#bits32} of (lanes, counter + i)
   * are at least the threshold, else x[i] *= 0.
   */
  void dropout(float[] x, int n, long lanes, int counter, int threshold, float factor);
}
