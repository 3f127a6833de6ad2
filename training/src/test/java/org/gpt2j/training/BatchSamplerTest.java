package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.gpt2j.testing.Fixture;
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
    return epoch(new BatchSampler(new int[] {size}, size, true, seed, null), epoch, 1);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,4,1", "8,4,2", "9,4,3", "103,16,7"})
  void eachEpochIsAPermutationAndTheLastBatchTheRest(int size, int batchSize, int batches) {
    BatchSampler sampler = new BatchSampler(new int[] {size}, batchSize, true, 42, null);
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
    BatchSampler a = new BatchSampler(new int[] {50}, 8, true, 7, null);
    BatchSampler b = new BatchSampler(new int[] {50}, 8, true, 7, null);
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
    BatchSampler sampler = new BatchSampler(new int[] {10}, 4, false, 42, null);
    for (int epoch = 0; epoch < 2; epoch++) {
      assertThat(sampler.batch(epoch, 0)).containsExactly(0, 1, 2, 3);
      assertThat(sampler.batch(epoch, 1)).containsExactly(4, 5, 6, 7);
      assertThat(sampler.batch(epoch, 2)).containsExactly(8, 9);
    }
  }

  /** The fixture's batch_size is that of an optimizer step. */
  @Test
  void groupsByLengthAsTransformers() throws IOException {
    JsonNode cases = Fixture.load("trainer/log_history").json().get("group_by_length");
    assertThat(cases.size()).isGreaterThan(4);
    for (JsonNode c : cases) {
      LengthGroups groups =
          new LengthGroups(Fixture.ints(c.get("lengths")), c.get("batch_size").intValue());
      assertThat(groups.order(Fixture.ints(c.get("permutation"))))
          .isEqualTo(Fixture.ints(c.get("order")));
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,7", "8,4", "103,4", "5000,2"})
  void groupedEpochsArePermutationsThatBeginWithTheLongest(int size, int batchSize) {
    int[] lengths = IntStream.range(0, size).map(i -> 1 + i * 37 % 101).toArray();
    BatchSampler sampler =
        new BatchSampler(
            new int[] {size}, batchSize, true, 42, new LengthGroups(lengths, batchSize));
    int longest = Arrays.stream(lengths).max().getAsInt();
    for (int epoch = 0; epoch < 2; epoch++) {
      int[] all = epoch(sampler, epoch, (size - 1) / batchSize + 1);
      assertThat(lengths[all[0]]).isEqualTo(longest);
      Arrays.sort(all);
      assertThat(all).isEqualTo(IntStream.range(0, size).toArray());
    }
  }

  @Test
  void groupedBatchesDifferLessInLengthAndEpochsStillDiffer() {
    int[] lengths = IntStream.range(0, 400).map(i -> 1 + i * 37 % 101).toArray();
    BatchSampler plain = new BatchSampler(new int[] {400}, 8, true, 42, null);
    BatchSampler grouped =
        new BatchSampler(new int[] {400}, 8, true, 42, new LengthGroups(lengths, 8));
    assertThat(spread(grouped, lengths)).isLessThan(spread(plain, lengths) / 5);
    assertThat(grouped.batch(0, 7)).isNotEqualTo(grouped.batch(1, 7));
  }

  /** Sum over the batches of longest minus shortest. */
  private static int spread(BatchSampler sampler, int[] lengths) {
    return IntStream.range(0, 50)
        .map(
            b -> {
              var batch = Arrays.stream(sampler.batch(0, b)).map(i -> lengths[i]);
              var statistics = batch.summaryStatistics();
              return statistics.getMax() - statistics.getMin();
            })
        .sum();
  }
}
