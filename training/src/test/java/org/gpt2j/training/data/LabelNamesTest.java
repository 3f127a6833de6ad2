package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelNamesTest {
  private static List<LabeledText> messages(String labels) {
    return Arrays.stream(labels.split(" ")).map(label -> new LabeledText(label, "x")).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "spam ham spam, ham spam",
    "sport news art news, art news sport",
    "b B a A é, A B a b é",
    "10 9 -1 +2 100, -1 +2 9 10 100",
    "1 01 0, 0 01 1",
    "10 9 x, 10 9 x",
    "1.5 10 2, 1.5 10 2",
    "99999999999999999999 5, 5 99999999999999999999"
  })
  void sortsByNameOrByNumber(String labels, String names) {
    assertThat(LabelNames.of(messages(labels))).containsExactly(names.split(" "));
  }

  @Test
  void refusesOneLabel() {
    assertThatThrownBy(() -> LabelNames.of(messages("ham ham")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected at least 2 different labels, found [ham]");
  }

  @Test
  void refusesEmptyLabelsAndTexts() {
    assertThatThrownBy(() -> new LabeledText("", "x"))
        .hasMessage("expected a label, found nothing");
    assertThatThrownBy(() -> new LabeledText("x", ""))
        .hasMessage("expected a text after the label, found nothing");
  }
}
