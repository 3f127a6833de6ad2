package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.nn.portable.Nd4jKernels;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Values and derivatives of every name of transformers against PyTorch's. */
class ActivationTest {
  private static final double TOLERANCE = 2e-6;

  private static JsonNode json() throws IOException {
    return Fixture.load("activations/activations").json();
  }

  static List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    json().get("functions").fieldNames().forEachRemaining(names::add);
    return names;
  }

  static List<String> others() throws IOException {
    List<String> names = new ArrayList<>();
    json().get("other").forEach(name -> names.add(name.asText()));
    return names;
  }

  @ParameterizedTest
  @MethodSource("names")
  void isThatOfTransformers(String name) throws IOException {
    check(name, Backend.kernels(DataType.FLOAT), DataType.FLOAT);
    check(name, new Nd4jKernels(), DataType.FLOAT);
    check(name, new Nd4jKernels(), DataType.DOUBLE);
  }

  private static void check(String name, Kernels kernels, DataType type) throws IOException {
    Activation f = Activation.fromName(name);
    INDArray x = Nd4j.create(Fixture.doubles(json().get("x"))).castTo(type);
    INDArray y = x.ulike();
    INDArray dx = x.ulike();
    kernels.activation(f, x, y);
    kernels.activationBackward(f, x, Nd4j.valueArrayOf(x.shape(), 1, type), dx);
    JsonNode expected = json().get("functions").get(name);
    assertClose(name + " value", y, Fixture.doubles(expected.get("value")));
    assertClose(name + " derivative", dx, Fixture.doubles(expected.get("derivative")));
  }

  private static void assertClose(String what, INDArray actual, double[] expected) {
    assertThat(expected).hasSize(23);
    for (int i = 0; i < expected.length; i++) {
      double tolerance = TOLERANCE * Math.max(1, Math.abs(expected[i]));
      // "not within" rather than "beyond", so that NaN fails
      assertThat(Math.abs(actual.getDouble(i) - expected[i]) <= tolerance)
          .as("%s [%d]: expected %s, found %s", what, i, expected[i], actual.getDouble(i))
          .isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("others")
  void theOthersAreRefusedByTheNamesThatWeHave(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Activation.fromName(name))
        .withMessageStartingWith("expected one of gelu_new, gelu_pytorch_tanh, ")
        .withMessageEndingWith(", found " + name);
  }
}
