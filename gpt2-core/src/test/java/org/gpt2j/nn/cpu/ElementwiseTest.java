package org.gpt2j.nn.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.gpt2j.nn.CounterRandom;
import org.junit.jupiter.api.Test;

class ElementwiseTest {
  /** The counter's upper half changes within the row. */
  @Test
  void dropsAcrossTwoToTheThirtyTwo() {
    long first = (1L << 32) - 50;
    float[] x = new float[100];
    Arrays.fill(x, 1f);
    Elementwise.drop(x, x.length, 0.5, 3, first);
    for (int i = 0; i < x.length; i++) {
      boolean kept = CounterRandom.keep(3, first + i, CounterRandom.threshold(0.5));
      assertThat(x[i]).as("index %d", first + i).isEqualTo(kept ? 2f : 0f);
    }
  }
}
