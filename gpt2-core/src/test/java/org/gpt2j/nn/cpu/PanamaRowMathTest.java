package org.gpt2j.nn.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs with the Vector API's module added, and fails where its provider was not picked. */
@Tag("vector")
class PanamaRowMathTest extends RowMathContract {
  @Override
  RowMath provider() {
    return RowMathProvider.get();
  }

  @Test
  void isPicked() {
    assertThat(provider().getClass().getSimpleName())
        .as(RowMathProvider.describe())
        .isEqualTo("PanamaRowMath");
    assertThat(RowMathProvider.describe()).matches("Vector API on \\d+ bits");
  }

  /** Exponentials and masks have the default's bits; that says more than a tolerance. */
  @ParameterizedTest
  @ValueSource(
      ints = {1, 4, 6, 8, 13, 16, 25, 32, 64, 100, 128, 207, 256, 300, 512, 702, 1023, 4098})
  void hasTheDefaultsBits(int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = i % 177 - 88.3f;
    }
    float[] y = x.clone();
    provider().expMinus(x, n, 0.5f);
    new DefaultRowMath().expMinus(y, n, 0.5f);
    assertThat(Arrays.equals(x, y)).isTrue();
    provider().dropout(x, n, 0x1234_5678_9ABC_DEFL, -3, 1 << 30, 2f);
    new DefaultRowMath().dropout(y, n, 0x1234_5678_9ABC_DEFL, -3, 1 << 30, 2f);
    assertThat(Arrays.equals(x, y)).isTrue();
  }

  /** The interpreter's, C1's and C2's code add in the same order. */
  @Test
  void sumsAreTheSameInEveryCompiler() {
    float[] x = new float[1000];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i);
    }
    double sum = provider().sum(x, x.length);
    double dot = provider().dot(x, x, x.length);
    for (int i = 0; i < 20_000; i++) {
      assertThat(provider().sum(x, x.length) == sum).isTrue();
      assertThat(provider().dot(x, x, x.length) == dot).isTrue();
    }
  }
}
