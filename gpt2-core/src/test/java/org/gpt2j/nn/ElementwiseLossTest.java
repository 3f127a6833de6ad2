package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Against torch.nn.BCEWithLogitsLoss and MSELoss (make_elementwise.py). */
class ElementwiseLossTest {
  static List<JsonNode> cases() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    Fixture.load("loss/elementwise").json().forEach(cases::add);
    assertThat(cases).hasSize(10);
    return cases;
  }

  private static Loss loss(JsonNode c) {
    return c.get("loss").asText().equals("MSELoss") ? new MseLoss() : new BceWithLogitsLoss();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossAndGradientAreTorchs(JsonNode c) {
    double expected = c.get("value").doubleValue();
    float[][] logits = Fixture.rows(c.get("logits"));
    Labels labels = new Labels.Values(Fixture.rows(c.get("labels")));
    loss(c).checkLabels(labels, logits[0].length);
    assertThat(loss(c).mean(logits, labels)).isCloseTo(expected, within(1e-12 * expected));

    for (double scale : new double[] {1, 0.25}) {
      INDArray x = Nd4j.create(logits);
      assertThat(loss(c).forwardBackward(x, labels, scale))
          .isCloseTo(expected, within(1e-12 * expected));
      double[] gradient = Fixture.doubles(c.get("gradient"));
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= scale;
      }
      Fixture.assertClose("gradient", x, gradient, 1e-7 * Math.max(1, Math.sqrt(expected)));
    }
  }

  private static void assertRefused(Loss loss, Labels labels, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loss.checkLabels(labels, 2))
        .withMessage(message);
  }

  @Test
  void refusesLabelsOfAnotherKindOrNumber() {
    Labels ids = new Labels.Ids(new int[] {0, 1});
    Labels three = new Labels.Values(new float[][] {{0, 1, 1}});
    assertRefused(new MseLoss(), ids, "labels: expected numbers, found class indices");
    assertRefused(new BceWithLogitsLoss(), ids, "labels: expected numbers, found class indices");
    assertRefused(new CrossEntropyLoss(), three, "labels: expected class indices, found numbers");
    assertRefused(new MseLoss(), three, "labels: expected 2 numbers for each sequence, found 3");
    assertRefused(
        new MseLoss(),
        new Labels.Values(new float[][] {{0, Float.NaN}}),
        "labels: expected finite numbers, found NaN");
    assertRefused(
        new BceWithLogitsLoss(),
        new Labels.Values(new float[][] {{0, 1.5f}}),
        "labels: expected numbers from 0 to 1, found 1.5");
  }

  @Test
  void labelsAreJoinedAndPickedInOrder() {
    Labels ids =
        Labels.join(List.of(new Labels.Ids(new int[] {4, 5}), new Labels.Ids(new int[] {6})));
    assertThat(ids.size()).isEqualTo(3);
    assertThat(ids.at(new int[] {2, 0}).ids()).containsExactly(6, 4);
    Labels.Values one = new Labels.Values(new float[][] {{1, 2}});
    Labels numbers = Labels.join(List.of(one, new Labels.Values(new float[][] {{3, 4}})));
    assertThat(numbers.at(new int[] {1, 0}).values()).isDeepEqualTo(new float[][] {{3, 4}, {1, 2}});
    assertThatIllegalArgumentException().isThrownBy(() -> Labels.join(List.of(one, ids)));
    assertThat(Labels.join(List.of()).size()).isZero();
  }
}
