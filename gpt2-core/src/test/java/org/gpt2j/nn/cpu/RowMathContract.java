package org.gpt2j.nn.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.gpt2j.nn.CounterRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link RowMath} must do, at lengths around those of vectors and blocks. */
abstract class RowMathContract {
  abstract RowMath provider();

  /** Normal numbers, and behind them NaN, which no method may read or change. */
  private static float[] row(int n, long key, double deviation) {
    float[] x = new float[n + 7];
    Arrays.fill(x, Float.NaN);
    for (int i = 0; i < n; i++) {
      x[i] = (float) (deviation * CounterRandom.gaussian(key, i));
    }
    return x;
  }

  private static void assertRestIsUntouched(float[] x, int n) {
    assertThat(Arrays.copyOfRange(x, n, x.length)).containsOnly(Float.NaN);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 6, 8, 13, 16, 25, 32, 47, 48, 64, 100, 511, 512, 513, 1024, 4098})
  void agreesWithDoublePrecision(int n) {
    float[] x = row(n, 1, 1);
    float[] y = row(n, 2, 1);
    double sum = 0;
    double squares = 0;
    double dot = 0;
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      sum += x[i];
      squares += (double) x[i] * x[i];
      dot += (double) x[i] * y[i];
      max = Math.max(max, x[i]);
    }
    assertThat(provider().max(x, n)).isEqualTo(max);
    assertThat(provider().sum(x, n)).isCloseTo(sum, within(1e-7 * n));
    assertThat(provider().dot(x, y, n)).isCloseTo(dot, within(1e-7 * n));
    assertThat(provider().sumOfSquares(x, n)).isCloseTo(squares, within(1e-13 * squares));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 6, 8, 13, 16, 25, 32, 47, 48, 64, 100, 511, 512, 513, 1024, 4098})
  void maxIsFoundAnywhere(int n) {
    for (int at = 0; at < n; at += Math.max(1, n / 100)) {
      float[] x = row(n, 3, 1);
      x[at] = 9;
      assertThat(provider().max(x, n)).as("at " + at).isEqualTo(9);
    }
  }

  @Test
  void sumOfSquaresNeitherOverflowsNorUnderflows() {
    float[] large = {1e30f, 1e30f, 1e30f};
    float[] small = {1e-30f, 1e-30f, 1e-30f};
    assertThat(provider().sumOfSquares(large, 3)).isCloseTo(3e60, within(1e54));
    assertThat(provider().sumOfSquares(small, 3)).isCloseTo(3e-60, within(1e-66));
  }

  /** From the smallest result that is not 0 to the largest, in steps of less than 1e-3. */
  @Test
  void exponentialIsExact() {
    int n = 200_000;
    float[] x = new float[n];
    float[] y = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) (-87.3 + 175.6 * i / n);
      y[i] = x[i] + 1;
    }
    provider().expMinus(y, n, 1);
    for (int i = 0; i < n; i++) {
      double error = y[i] / Math.exp((x[i] + 1f) - 1f) - 1;
      assertThat(Math.abs(error)).as("relative error of exp(%s)", x[i]).isLessThan(2e-7);
    }
  }

  /** The same bits alone and in a row: results do not depend on the length or the place. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 6, 8, 13, 16, 25, 32, 47, 48, 64, 100, 511, 512, 513, 1024, 4098})
  void exponentialIsTheSameInAnyRow(int n) {
    float[] x = row(n, 4, 30);
    float[] y = x.clone();
    provider().expMinus(y, n, 0.25f);
    for (int i = 0; i < n; i++) {
      float[] alone = {x[i]};
      provider().expMinus(alone, 1, 0.25f);
      assertThat(y[i]).isEqualTo(alone[0]);
    }
    assertRestIsUntouched(y, n);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100})
  void exponentialOfExtremes(int n) {
    float[] from = {
      -87.7f, -1e30f, Float.NEGATIVE_INFINITY, 0, 88.73f, 1e30f, Float.POSITIVE_INFINITY, Float.NaN
    };
    float[] to = {
      0,
      0,
      0,
      1,
      Float.POSITIVE_INFINITY,
      Float.POSITIVE_INFINITY,
      Float.POSITIVE_INFINITY,
      Float.NaN
    };
    for (int i = 0; i < from.length; i++) {
      float[] x = new float[n];
      Arrays.fill(x, from[i]);
      provider().expMinus(x, n, 0);
      assertThat(x).as("exp(%s)", from[i]).containsOnly(to[i]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 6, 8, 13, 16, 25, 32, 47, 48, 64, 100, 511, 512, 513, 1024, 4098})
  void dropoutKeepsWhatCounterRandomSays(int n) {
    long key = CounterRandom.key(n, 5);
    for (double p : new double[] {0, 0.1, 0.5, 0.999}) {
      int threshold = CounterRandom.threshold(p);
      for (long index : new long[] {0, 12_345, 0x1_FFFF_0000L}) {
        float[] x = row(n, 6, 1);
        float[] y = x.clone();
        provider().dropout(y, n, CounterRandom.lanes(key, index), (int) index, threshold, 1.5f);
        for (int i = 0; i < n; i++) {
          boolean kept = CounterRandom.keep(key, index + i, threshold);
          assertThat(y[i]).as("p=%s, index %d", p, index + i).isEqualTo(x[i] * (kept ? 1.5f : 0f));
        }
        assertRestIsUntouched(y, n);
      }
    }
  }
}
