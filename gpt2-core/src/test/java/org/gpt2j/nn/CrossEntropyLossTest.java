package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Against torch.nn.CrossEntropyLoss (make_cross_entropy.py). */
class CrossEntropyLossTest {
  static List<JsonNode> cases() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    Fixture.load("loss/cross_entropy").json().forEach(cases::add);
    assertThat(cases).hasSize(10);
    return cases;
  }

  private static CrossEntropyLoss loss(JsonNode c) {
    JsonNode weight = c.get("weight");
    return new CrossEntropyLoss(
        c.get("label_smoothing").doubleValue(),
        weight.isNull() ? null : Fixture.doubles(weight),
        null);
  }

  private static float[][] logits(JsonNode c) {
    float[][] rows = new float[c.get("logits").size()][];
    for (int i = 0; i < rows.length; i++) {
      double[] row = Fixture.doubles(c.get("logits").get(i));
      rows[i] = new float[row.length];
      for (int k = 0; k < row.length; k++) {
        rows[i][k] = (float) row[k];
      }
    }
    return rows;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossAndGradientAreTorchs(JsonNode c) {
    double expected = c.get("loss").doubleValue();
    int[] labels = Fixture.ints(c.get("labels"));
    assertThat(loss(c).mean(logits(c), labels))
        .isCloseTo(expected, within(1e-12 * Math.max(1, expected)));

    for (double scale : new double[] {1, 0.25}) {
      INDArray x = Nd4j.create(logits(c));
      assertThat(loss(c).forwardBackward(x, labels, scale))
          .isCloseTo(expected, within(1e-12 * Math.max(1, expected)));
      double[] gradient = Fixture.doubles(c.get("gradient"));
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= scale;
      }
      Fixture.assertClose("gradient", x, gradient, 1e-7);
    }
  }

  /** A probability of exactly 0 for a class that is no label, as of a softmax that overflowed. */
  @Test
  void aClassThatIsRuledOutCostsNothing() {
    float[][] logits = {{0, Float.NEGATIVE_INFINITY, 0}};
    assertThat(new CrossEntropyLoss().mean(logits, new int[] {2}))
        .isCloseTo(Math.log(2), within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void offsetsAreAddedToTheLogits(JsonNode c) {
    float[][] plain = logits(c);
    double[] offsets = new double[plain[0].length];
    for (int k = 0; k < offsets.length; k++) {
      offsets[k] = k * 0.5 - 1;
      for (float[] row : plain) {
        row[k] -= (float) offsets[k];
      }
    }
    double[] weight = c.get("weight").isNull() ? null : Fixture.doubles(c.get("weight"));
    CrossEntropyLoss loss =
        new CrossEntropyLoss(c.get("label_smoothing").doubleValue(), weight, offsets);
    double expected = c.get("loss").doubleValue();
    int[] labels = Fixture.ints(c.get("labels"));
    assertThat(loss.mean(plain, labels)).isCloseTo(expected, within(1e-5 * Math.max(1, expected)));
    INDArray x = Nd4j.create(plain);
    loss.forwardBackward(x, labels, 1);
    Fixture.assertClose("gradient", x, Fixture.doubles(c.get("gradient")), 1e-5);
    CrossEntropyLoss withoutWeights = new CrossEntropyLoss(0, null, offsets);
    assertThatThrownBy(() -> withoutWeights.checkClasses(offsets.length + 1))
        .hasMessage(
            "logit_adjustment: expected one for each of %d classes, found %d",
            offsets.length + 1, offsets.length);
  }

  @Test
  void allWeightsEqualAreNoWeights() {
    float[][] logits = {{1, 2, 3}, {0, -1, 5}};
    int[] labels = {0, 2};
    double plain = new CrossEntropyLoss(0.1, null, null).mean(logits, labels);
    assertThat(new CrossEntropyLoss(0.1, new double[] {4, 4, 4}, null).mean(logits, labels))
        .isCloseTo(plain, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void refusesAFactorThatIsNoPart(double factor) {
    assertThatThrownBy(() -> new CrossEntropyLoss(factor, null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("label_smoothing_factor: expected a number in [0, 1), found " + factor);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesWeightsThatAreNotAboveZero(double weight) {
    assertThatThrownBy(() -> new CrossEntropyLoss(0, new double[] {1, weight}, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("class_weights: expected numbers above 0, found [1.0, " + weight + "]");
  }

  @Test
  void refusesWeightsOfAnotherNumberOfClasses() {
    CrossEntropyLoss loss = new CrossEntropyLoss(0, new double[] {1, 2, 3}, null);
    loss.checkClasses(3);
    assertThatThrownBy(() -> loss.checkClasses(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("class_weights: expected one for each of 2 classes, found 3");
    new CrossEntropyLoss().checkClasses(2);
  }
}
