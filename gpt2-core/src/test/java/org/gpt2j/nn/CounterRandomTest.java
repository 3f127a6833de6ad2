package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
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
    int threshold = CounterRandom.threshold(p);
    long kept = IntStream.range(0, N).filter(i -> CounterRandom.keep(7, i, threshold)).count();
    double deviation = Math.sqrt(p * (1 - p) / N);
    assertThat((double) kept / N).isCloseTo(1 - p, within(5 * deviation));
  }

  @Test
  void keepsAllAtZero() {
    int threshold = CounterRandom.threshold(0);
    assertThat(IntStream.range(0, 10_000)).allMatch(i -> CounterRandom.keep(7, i, threshold));
  }

  /** With both keys 0: what the C code of triple32 gives (github.com/skeeto/hash-prospector). */
  @Test
  void bits32OfKeysZeroIsTriple32() {
    int[] counters = {0, 1, 2, 3, 123456789, 0x80000000, 0xFFFFFFFF};
    assertThat(Arrays.stream(counters).mapToObj(c -> CounterRandom.bits32(0, c)))
        .extracting(Integer::toUnsignedString)
        .containsExactly(
            "0", "69681622", "4057983209", "3237000519", "162129505", "963800214", "310335631");
  }

  /** Counters one apart and many rows apart, and the same ones under related keys. */
  static List<Arguments> pairsOfMasks() {
    List<Arguments> pairs = new ArrayList<>();
    for (long lag : new long[] {1, 2, 3, 30, 64, 768, 1024, 3072, 1L << 16, 1L << 31, 1L << 32}) {
      pairs.add(Arguments.of(7, 0, 7, lag));
    }
    pairs.add(Arguments.of(7, 0, 8, 0));
    pairs.add(Arguments.of(7, 0, 7 + (1L << 32), 0));
    pairs.add(Arguments.of(CounterRandom.key(42, 1), 0, CounterRandom.key(42, 2), 0));
    pairs.add(Arguments.of(CounterRandom.key(42, 1), 0, CounterRandom.key(43, 1), 0));
    return pairs;
  }

  /** Within five standard deviations of no correlation, for a usual probability and for half. */
  @ParameterizedTest
  @MethodSource("pairsOfMasks")
  void masksAreIndependent(long keyA, long indexA, long keyB, long indexB) {
    for (double p : new double[] {0.1, 0.5}) {
      int threshold = CounterRandom.threshold(p);
      double sum = 0;
      for (int i = 0; i < N; i++) {
        double a = CounterRandom.keep(keyA, indexA + i, threshold) ? p : p - 1;
        double b = CounterRandom.keep(keyB, indexB + i, threshold) ? p : p - 1;
        sum += a * b;
      }
      assertThat(sum / (N * p * (1 - p))).as("p=" + p).isCloseTo(0, within(5 / Math.sqrt(N)));
    }
  }

  /** Pearson's statistic of the 256 values of each byte, within five standard deviations. */
  @ParameterizedTest
  @ValueSource(ints = {0, 8, 16, 24})
  void bytesOfBits32AreUniform(int shift) {
    int[] counts = new int[256];
    for (int i = 0; i < N; i++) {
      counts[CounterRandom.bits32(CounterRandom.key(5, 6), i) >>> shift & 0xFF]++;
    }
    double expected = N / 256.0;
    double statistic = Arrays.stream(counts).mapToDouble(c -> Math.pow(c - expected, 2)).sum();
    assertThat(statistic / expected).isCloseTo(255, within(5 * Math.sqrt(2 * 255)));
  }

  /** Each bit of the counter turns each bit of the result half of the time. */
  @Test
  void bits32Avalanches() {
    int n = 100_000;
    for (int in = 0; in < 32; in++) {
      int[] turned = new int[32];
      for (int i = 0; i < n; i++) {
        long lanes = CounterRandom.key(1, 2);
        int change = CounterRandom.bits32(lanes, i) ^ CounterRandom.bits32(lanes, i ^ 1 << in);
        for (int out = 0; out < 32; out++) {
          turned[out] += change >>> out & 1;
        }
      }
      for (int out = 0; out < 32; out++) {
        assertThat((double) turned[out] / n)
            .as("bit %d of the counter, bit %d of the result", in, out)
            .isCloseTo(0.5, within(0.01));
      }
    }
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
