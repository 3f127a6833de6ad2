package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.Labels;
import org.gpt2j.training.data.LabeledText;
import org.junit.jupiter.api.Test;

class LabelEncoderTest {
  private static final Map<String, Integer> IDS = Map.of("insult", 0, "threat", 1);

  private static List<LabeledText> messages(String... labels) {
    return Arrays.stream(labels).map(label -> new LabeledText(label, "a text")).toList();
  }

  private static Labels encode(ProblemType type, Map<String, Integer> ids, String... labels) {
    return new LabelEncoder(type, ids).encode(messages(labels));
  }

  private static void assertRefused(
      ProblemType type, Map<String, Integer> ids, String label, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> encode(type, ids, label))
        .withMessage(message);
  }

  @Test
  void oneClassIsItsIndex() {
    assertThat(encode(ProblemType.SINGLE_LABEL_CLASSIFICATION, IDS, "threat", "insult").ids())
        .containsExactly(1, 0);
  }

  @Test
  void severalClassesAreOnesAndZeros() {
    ProblemType type = ProblemType.MULTI_LABEL_CLASSIFICATION;
    assertThat(encode(type, IDS, "threat", "threat | insult", "|").values())
        .isDeepEqualTo(new float[][] {{0, 1}, {1, 1}, {0, 0}});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> encode(type, IDS, "insult|other"))
        .withMessageStartingWith("label2id: expected the model to know the label other, found ");
    assertThat(LabelEncoder.names(type, messages("b|c", "|", "a|b")))
        .containsExactly("a", "b", "c");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabelEncoder.names(type, messages("|")))
        .withMessage("expected labels with names of classes, found none");
  }

  @Test
  void numbersAreThemselves() {
    ProblemType type = ProblemType.REGRESSION;
    assertThat(encode(type, Map.of("LABEL_0", 0), "1.5", "-2e1").values())
        .isDeepEqualTo(new float[][] {{1.5f}, {-20}});
    assertThat(encode(type, IDS, "1|.5").values()).isDeepEqualTo(new float[][] {{1, 0.5f}});
    assertThat(LabelEncoder.names(type, messages("1"))).containsExactly("LABEL_0");
    assertThat(LabelEncoder.names(type, messages("1|2"))).containsExactly("LABEL_0", "LABEL_1");
    assertRefused(
        type, IDS, "1", "label: expected 2 numbers, as many as the model has outputs, found '1'");
    assertRefused(
        type, IDS, "ham", "label: expected a number, as problem_type is regression, found 'ham'");
  }
}
