package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassWeightsTest {
  private static final List<String> LABELS = List.of("a", "b", "c");

  static List<String[]> golden() throws IOException {
    return Fixtures.rows("class-weights.tsv");
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.split(",")).mapToDouble(Double::parseDouble).toArray();
  }

  @ParameterizedTest
  @MethodSource("golden")
  void balancedAsInScikitLearn(String counts, String expected) {
    double[] n = numbers(counts);
    List<String> labels = IntStream.range(0, n.length).mapToObj(Integer::toString).toList();
    List<LabeledText> messages = new ArrayList<>();
    for (String label : labels) {
      int count = (int) n[Integer.parseInt(label)];
      messages.addAll(Collections.nCopies(count, new LabeledText(label, "x")));
    }
    Collections.reverse(messages);
    assertThat(ClassWeights.parse("balanced", messages, labels))
        .containsExactly(numbers(expected), within(1e-12));
  }

  @Test
  void readsNumbers() {
    assertThat(ClassWeights.parse("1,0.5, 2.5e0", List.of(), LABELS)).containsExactly(1, 0.5, 2.5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Balanced",
        "1,2",
        "1,2,3,4",
        "1,2,",
        "1,-1,2",
        "1,NaN,2",
        "1,Infinity,2",
        "1,0,2"
      })
  void refusesAnythingElse(String option) {
    assertThatThrownBy(() -> ClassWeights.parse(option, List.of(), LABELS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "class_weights: expected balanced, or 3 numbers above 0 with commas between them (for a,"
                + " b, c), found '"
                + option
                + "'");
  }

  @Test
  void refusesToBalanceAClassWithoutMessages() {
    List<LabeledText> messages = List.of(new LabeledText("a", "x"), new LabeledText("c", "x"));
    assertThatThrownBy(() -> ClassWeights.balanced(messages, LABELS))
        .hasMessage(
            "class_weights: expected messages of each class to balance them, found none of 'b'");
    assertThatThrownBy(() -> ClassWeights.balanced(messages, List.of("a", "b")))
        .hasMessage("class_weights: expected labels of [a, b], found 'c'");
  }

  @Test
  void logitAdjustmentIsTheLogarithmOfTheFrequencies() {
    List<LabeledText> messages =
        List.of(
            new LabeledText("a", "x"),
            new LabeledText("b", "x"),
            new LabeledText("a", "y"),
            new LabeledText("a", "z"));
    assertThat(ClassWeights.logitAdjustment(messages, List.of("a", "b"), 2))
        .containsExactly(new double[] {2 * Math.log(0.75), 2 * Math.log(0.25)}, within(1e-12));
    assertThatThrownBy(() -> ClassWeights.logitAdjustment(messages, LABELS, 1))
        .hasMessage(
            "logit_adjustment: expected messages of each class to balance them, found none of 'c'");
  }
}
