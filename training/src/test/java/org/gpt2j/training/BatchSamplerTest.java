package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchSamplerTest {
  private static int[] epoch(BatchSampler sampler, int epoch, int batches) {
    return IntStream.range(0, batches)
        .flatMap(b -> Arrays.stream(sampler.batch(epoch, b)))
        .toArray();
  }

  private static int[] order(int size, long seed, int epoch) {
    return epoch(new BatchSampler(size, size, true, seed), epoch, 1);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,4,1", "8,4,2", "9,4,3", "103,16,7"})
  void eachEpochIsAPermutationAndTheLastBatchTheRest(int size, int batchSize, int batches) {
    BatchSampler sampler = new BatchSampler(size, batchSize, true, 42);
    for (int epoch = 0; epoch < 3; epoch++) {
      int[] all = epoch(sampler, epoch, batches);
      Arrays.sort(all);
      assertThat(all).isEqualTo(IntStream.range(0, size).toArray());
      for (int b = 0; b < batches; b++) {
        assertThat(sampler.batch(epoch, b))
            .hasSize(b < batches - 1 ? batchSize : size - b * batchSize);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameOrderInWhateverOrderEpochsAreAskedFor() {
    BatchSampler a = new BatchSampler(50, 8, true, 7);
    BatchSampler b = new BatchSampler(50, 8, true, 7);
    int[] second = epoch(b, 1, 7);
    assertThat(epoch(a, 0, 7)).isEqualTo(epoch(b, 0, 7));
    assertThat(epoch(a, 1, 7)).isEqualTo(second);
  }

  @Test
  void epochsAndSeedsDiffer() {
    Set<String> orders = new HashSet<>();
    for (long seed : new long[] {0, 1, 42, -1, Long.MAX_VALUE}) {
      for (int epoch = 0; epoch < 4; epoch++) {
        orders.add(Arrays.toString(order(30, seed, epoch)));
      }
    }
    assertThat(orders).hasSize(20);
  }

  /** Chi-square over who comes first: 9 degrees of freedom, 27.9 is passed once in a thousand. */
  @Test
  void everyExampleComesFirstAsOften() {
    int[] first = new int[10];
    for (int epoch = 0; epoch < 2000; epoch++) {
      first[order(10, 5, epoch)[0]]++;
    }
    double chiSquare = 0;
    for (int n : first) {
      chiSquare += (n - 200) * (n - 200) / 200.0;
    }
    assertThat(chiSquare).isLessThan(27.9);
  }

  @Test
  void withoutShufflingTheOrderIsTheDatas() {
    BatchSampler sampler = new BatchSampler(10, 4, false, 42);
    for (int epoch = 0; epoch < 2; epoch++) {
      assertThat(sampler.batch(epoch, 0)).containsExactly(0, 1, 2, 3);
      assertThat(sampler.batch(epoch, 1)).containsExactly(4, 5, 6, 7);
      assertThat(sampler.batch(epoch, 2)).containsExactly(8, 9);
    }
  }
}
