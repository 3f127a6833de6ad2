package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.gpt2j.nn.portable.Nd4jKernels;
import org.gpt2j.testing.FiniteDifferences;
import org.gpt2j.testing.RecordingKernels;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The backward pass of every layer, in double precision, where the loss is a weighted sum of the
 * layer's outputs. Dropout masks are a function of the pass's key, so differences are exact with
 * dropout too.
 */
class LayerGradientsTest {
  /** Sequences of several lengths; some tokens twice, so that gradients of a row add up. */
  private static final PackedBatch BATCH =
      PackedBatch.of(List.of(new int[] {4}, new int[] {1, 10, 4, 0, 1}, new int[] {7, 4, 3}));

  private static final SeededWeights NUMBERS = new SeededWeights(11, 20, DataType.DOUBLE);

  private final Workspace workspace = new Workspace(DataType.DOUBLE);
  private final RecordingKernels recording = new RecordingKernels(new Nd4jKernels());
  private final INDArray x = NUMBERS.get("x", BATCH.tokens(), LayerCase.WIDTH);

  static List<LayerCase> layers() {
    return LayerCase.all();
  }

  static Stream<Arguments> layersAndDropout() {
    return LayerCase.all().stream()
        .flatMap(layer -> Stream.of(Arguments.of(layer, false), Arguments.of(layer, true)));
  }

  private Pass pass(boolean dropout) {
    return dropout
        ? Pass.training(recording.kernels(), workspace, BATCH, 12345)
        : Pass.gradients(recording.kernels(), workspace, BATCH);
  }

  /** The gradient by the layer's output: the weights of the sum. */
  private static INDArray dy(LayerCase layer) {
    return NUMBERS.get("dy", layer.outRows(BATCH.tokens()), layer.outFeatures());
  }

  private double loss(LayerCase layer, boolean dropout) {
    return layer.forward(x, pass(dropout)).mul(dy(layer)).sumNumber().doubleValue();
  }

  /** Forward and backward; returns the gradient by the input. */
  private INDArray forwardBackward(LayerCase layer, boolean dropout) {
    INDArray dx = Nd4j.valueArrayOf(x.shape(), Double.NaN, DataType.DOUBLE);
    layer.forward(x, pass(dropout));
    layer.backward(dy(layer), dx, pass(dropout));
    return dx;
  }

  /** Makes the parameters trainable, gradients at zero, or freezes them. */
  private static void train(LayerCase layer, boolean trainable) {
    layer.parameters(p -> p.setRequiresGrad(false));
    layer.parameters(p -> p.setRequiresGrad(trainable));
  }

  private static Map<Parameter, double[]> gradients(LayerCase layer) {
    Map<Parameter, double[]> gradients = new LinkedHashMap<>();
    layer.parameters(p -> gradients.put(p, p.gradient().dup().data().asDouble()));
    return gradients;
  }

  @ParameterizedTest
  @MethodSource("layersAndDropout")
  void gradientsOfParametersAndInput(LayerCase layer, boolean dropout) {
    train(layer, true);
    INDArray dx = forwardBackward(layer, dropout);
    assertThat(layer.parameters()).hasSizeGreaterThanOrEqualTo(2);

    FiniteDifferences differences = FiniteDifferences.ofSome(60);
    for (Parameter p : layer.parameters()) {
      differences.check(p.name(), p.value(), p.gradient(), () -> loss(layer, dropout));
    }
    if (layer.hasInput()) {
      differences.check("x", x, dx, () -> loss(layer, dropout));
    }
  }

  /** Dropout must do something, or the above shows nothing about it; the key names the masks. */
  @ParameterizedTest
  @MethodSource("layers")
  void dropoutIsAFunctionOfTheKey(LayerCase layer) {
    String name = layer.toString();
    boolean has = name.matches("Embeddings|SelfAttention|Block.*");
    assertThat(loss(layer, true)).isEqualTo(loss(layer, true));
    assertThat(loss(layer, true) != loss(layer, false)).as(name).isEqualTo(has);
    Pass other = Pass.training(recording.kernels(), workspace, BATCH, 12346);
    double loss = layer.forward(x, other).mul(dy(layer)).sumNumber().doubleValue();
    assertThat(loss != loss(layer, true)).as(name).isEqualTo(has);
  }

  @ParameterizedTest
  @MethodSource("layersAndDropout")
  void gradientsAccumulate(LayerCase layer, boolean dropout) {
    train(layer, true);
    INDArray first = forwardBackward(layer, dropout);
    Map<Parameter, double[]> once = gradients(layer);
    INDArray second = forwardBackward(layer, dropout);
    Map<Parameter, double[]> twice = gradients(layer);

    once.forEach(
        (p, gradient) -> {
          for (int i = 0; i < gradient.length; i++) {
            double expected = 2 * gradient[i];
            assertThat(twice.get(p)[i]).as(p.name()).isCloseTo(expected, within(1e-12));
          }
        });
    if (layer.hasInput()) {
      assertThat(second).as("dx does not accumulate").isEqualTo(first);
    }
    layer.parameters(Parameter::zeroGradient);
    forwardBackward(layer, dropout);
    gradients(layer).forEach((p, g) -> assertThat(g).as(p.name()).containsExactly(once.get(p)));
  }

  /** Without anybody who needs the gradient by the input, the others' are the same. */
  @ParameterizedTest
  @MethodSource("layersAndDropout")
  void inputGradientMayBeLeftOut(LayerCase layer, boolean dropout) {
    train(layer, true);
    recording.clear();
    forwardBackward(layer, dropout);
    int gemms = recording.count("gemm");
    Map<Parameter, double[]> expected = gradients(layer);
    layer.parameters(Parameter::zeroGradient);

    recording.clear();
    layer.forward(x, pass(dropout));
    layer.backward(dy(layer), null, pass(dropout));

    gradients(layer).forEach((p, g) -> assertThat(g).as(p.name()).containsExactly(expected.get(p)));
    // A block needs its first matrix's input gradient all the same: for ln_1.
    boolean less = gemms > 0 && !layer.toString().startsWith("Block");
    assertThat(recording.count("gemm")).isEqualTo(less ? gemms - 1 : gemms);
  }

  /**
   * One trainable parameter: its gradient is the same, with or without dx, and no other is made.
   */
  @ParameterizedTest
  @MethodSource("layersAndDropout")
  void frozenParametersHaveNoGradient(LayerCase layer, boolean dropout) {
    train(layer, true);
    INDArray expectedDx = forwardBackward(layer, dropout);
    Map<Parameter, double[]> expected = gradients(layer);
    for (Parameter trained : layer.parameters()) {
      for (boolean needDx : new boolean[] {true, false}) {
        train(layer, false);
        trained.setRequiresGrad(true);
        assertThat(layer.requiresGrad()).isTrue();
        recording.clear();
        if (needDx) {
          INDArray dx = forwardBackward(layer, dropout);
          assertThat(!layer.hasInput() || dx.equals(expectedDx)).as("same dx").isTrue();
        } else {
          layer.forward(x, pass(dropout));
          layer.backward(dy(layer), null, pass(dropout));
        }
        double[] gradient = trained.gradient().dup().data().asDouble();
        assertThat(gradient).as(trained.name()).containsExactly(expected.get(trained));
        boolean matrix = trained.value().rank() == 2 && layer.hasInput();
        assertThat(recording.weightGradientGemms()).as(trained.name()).isEqualTo(matrix ? 1 : 0);
        for (Parameter p : layer.parameters()) {
          if (p != trained) {
            assertThat(p.gradientOrNull()).as(p.name()).isNull();
            assertThatIllegalStateException()
                .isThrownBy(p::gradient)
                .withMessage(p.name() + " is frozen: it has no gradient");
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("layers")
  void nothingIsComputedForNobody(LayerCase layer) {
    train(layer, false);
    assertThat(layer.requiresGrad()).isFalse();
    layer.forward(x, pass(false));
    recording.clear();
    layer.backward(dy(layer), null, pass(false));
    assertThat(recording.count("gemm")).isZero();
    assertThat(recording.count("attentionBackward")).isZero();
    assertThat(recording.count("activationBackward")).isZero();
    assertThat(recording.count("embeddingBackward")).isZero();
  }

  /** The gradient's memory is given back on freezing: what comes after is new, and zero. */
  @ParameterizedTest
  @MethodSource("layers")
  void freezingForgetsTheGradient(LayerCase layer) {
    train(layer, true);
    forwardBackward(layer, false);
    Parameter p = layer.parameters().get(0);
    INDArray before = p.gradient();
    assertThat(before.amaxNumber().doubleValue()).isPositive();
    p.setRequiresGrad(false);
    p.setRequiresGrad(true);
    assertThat(p.gradient()).isNotSameAs(before);
    assertThat(p.gradient().amaxNumber().doubleValue()).isZero();
  }
}
