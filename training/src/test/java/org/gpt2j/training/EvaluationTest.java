package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static List<int[]> batches(int maxSequences, int... lengths) {
    List<int[]> ids = new ArrayList<>();
    Arrays.stream(lengths).forEach(n -> ids.add(new int[n]));
    return Evaluation.batches(new ClassificationData(ids, new int[lengths.length]), maxSequences);
  }

  @Test
  void theLongestFirstAndNoMoreTokensThanTheBudget() {
    int half = Evaluation.TOKENS / 2;
    assertThat(batches(99, 3, half, half - 3, 2, half))
        .containsExactly(new int[] {1, 4}, new int[] {2, 0, 3});
  }

  @Test
  void equalLengthsKeepTheirOrder() {
    assertThat(batches(99, 5, 7, 5, 7)).containsExactly(new int[] {1, 3, 0, 2});
  }

  @Test
  void noMoreSequencesThanAskedFor() {
    assertThat(batches(2, 1, 1, 1, 1, 1))
        .containsExactly(new int[] {0, 1}, new int[] {2, 3}, new int[] {4});
  }

  @Test
  void aSequenceLongerThanTheBudgetIsABatchOfItsOwn() {
    assertThat(batches(99, 1, Evaluation.TOKENS + 1, 2))
        .containsExactly(new int[] {1}, new int[] {2, 0});
  }

  @Test
  void nothingMakesNoBatch() {
    assertThat(batches(99)).isEmpty();
  }
}
