package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class Mt19937Test {
  static List<String[]> golden() throws IOException {
    return Fixtures.rows("mt19937.tsv");
  }

  @ParameterizedTest
  @MethodSource("golden")
  void drawsTheNumbersOfNumpyAndPandas(String kind, long seed, int n, String expected) {
    Mt19937 random = new Mt19937(seed);
    String numbers =
        kind.startsWith("raw")
            ? IntStream.range(0, n)
                .mapToObj(i -> Integer.toUnsignedString(random.nextInt()))
                .collect(Collectors.joining(","))
            : Arrays.stream(random.permutation(n))
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(","));
    assertThat(kind.endsWith("-sha256") ? Fixtures.sha256(numbers) : numbers).isEqualTo(expected);
  }

  @Test
  void goldensCoverAllSeeds() throws IOException {
    assertThat(golden()).hasSize(6 * 13);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 4294967296L, Long.MIN_VALUE})
  void refusesSeedsThatNumpyRefuses(long seed) {
    assertThatThrownBy(() -> new Mt19937(seed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("seed must be between 0 and 4294967295, found " + seed);
  }

  @Test
  void intervalOfZeroDrawsNothing() {
    Mt19937 random = new Mt19937(123);
    assertThat(random.nextInterval(0)).isZero();
    assertThat(random.nextInt()).isEqualTo(new Mt19937(123).nextInt());
  }

  @Test
  void intervalReachesTheLargestMaximum() {
    Mt19937 random = new Mt19937(1);
    for (int i = 0; i < 100; i++) {
      assertThat(random.nextInterval(Integer.MAX_VALUE)).isNotNegative();
    }
  }

  @Test
  void refusesNegativeSizes() {
    Mt19937 random = new Mt19937(0);
    assertThatThrownBy(() -> random.permutation(-1)).hasMessage("n must not be negative, found -1");
    assertThatThrownBy(() -> random.nextInterval(-5))
        .hasMessage("max must not be negative, found -5");
  }
}
