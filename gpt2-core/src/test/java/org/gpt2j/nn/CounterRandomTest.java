package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CounterRandomTest {
  private static final int N = 1_000_000;

  /** The sequence of the reference C code (https://prng.di.unimi.it/splitmix64.c). */
  @Test
  void bitsAreTheSplitMix64Sequence() {
    assertThat(IntStream.range(0, 5).mapToObj(i -> CounterRandom.bits(1234567, i)))
        .extracting(Long::toUnsignedString)
        .containsExactly(
            "6457827717110365317",
            "3203168211198807973",
            "9817491932198370423",
            "4593380528125082431",
            "16408922859458223821");
  }

  @Test
  void keysOfDifferentPurposesDiffer() {
    assertThat(IntStream.range(0, 1000).mapToObj(i -> CounterRandom.key(42, i)))
        .doesNotHaveDuplicates()
        .doesNotContain(42L);
    assertThat(CounterRandom.key(1, 2)).isNotEqualTo(CounterRandom.key(2, 1));
  }

  /** Within five standard deviations of the binomial; the key is fixed, so it never flickers. */
  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.1, 0.5, 0.9})
  void keepsAShareOfOneMinusP(double p) {
    long threshold = CounterRandom.threshold(p);
    long kept = IntStream.range(0, N).filter(i -> CounterRandom.keep(7, i, threshold)).count();
    double deviation = Math.sqrt(p * (1 - p) / N);
    assertThat((double) kept / N).isCloseTo(1 - p, within(5 * deviation));
  }

  @Test
  void keepsAllAtZero() {
    long threshold = CounterRandom.threshold(0);
    assertThat(IntStream.range(0, 10_000)).allMatch(i -> CounterRandom.keep(7, i, threshold));
  }

  @Test
  void neighboursAreIndependent() {
    long threshold = CounterRandom.threshold(0.5);
    long equal =
        IntStream.range(0, N)
            .filter(
                i ->
                    CounterRandom.keep(7, i, threshold) == CounterRandom.keep(7, i + 1L, threshold))
            .count();
    assertThat((double) equal / N).isCloseTo(0.5, within(5 * 0.5 / Math.sqrt(N)));
  }

  @Test
  void uniformFillsZeroToOne() {
    double sum = 0;
    float min = 1;
    float max = 0;
    for (int i = 0; i < N; i++) {
      float u = CounterRandom.uniform(11, i);
      sum += u;
      min = Math.min(min, u);
      max = Math.max(max, u);
    }
    assertThat(min).isGreaterThanOrEqualTo(0).isLessThan(1e-4f);
    assertThat(max).isLessThan(1).isGreaterThan(1 - 1e-4f);
    assertThat(sum / N).isCloseTo(0.5, within(5 * Math.sqrt(1.0 / 12 / N)));
  }

  @Test
  void gaussianIsStandardNormal() {
    double sum = 0;
    double squares = 0;
    double fourths = 0;
    for (int i = 0; i < N; i++) {
      double g = CounterRandom.gaussian(13, i);
      sum += g;
      squares += g * g;
      fourths += g * g * g * g;
    }
    // The variances of g, g^2 and g^4 are 1, 2 and 96.
    assertThat(sum / N).isCloseTo(0, within(5 / Math.sqrt(N)));
    assertThat(squares / N).isCloseTo(1, within(5 * Math.sqrt(2.0 / N)));
    assertThat(fourths / N).isCloseTo(3, within(5 * Math.sqrt(96.0 / N)));
  }
}
