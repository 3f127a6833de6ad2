package org.gpt2j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gpt2j.nn.Conv1D;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.nn.Pass;
import org.gpt2j.nn.Workspace;
import org.gpt2j.nn.portable.Nd4jKernels;
import org.gpt2j.testing.FiniteDifferences;
import org.gpt2j.testing.RecordingKernels;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One adapted layer of odd sizes in double precision. */
class LoraLinearTest {
  private static final int IN = 9;
  private static final int OUT = 7;
  private static final int RANK = 3;
  private static final double DROPOUT = 0.3;
  private static final SeededWeights NUMBERS = new SeededWeights(6, 20, DataType.DOUBLE);

  private static final PackedBatch BATCH =
      PackedBatch.of(List.of(new int[] {1}, new int[] {2, 3, 4}, new int[] {5, 6}));

  private static final LoraConfig RSLORA =
      LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS).r(RANK).loraAlpha(5).useRslora(true).build();

  private final RecordingKernels recording = new RecordingKernels(new Nd4jKernels());
  private final Workspace workspace = new Workspace(DataType.DOUBLE);
  private final INDArray x = NUMBERS.get("x", BATCH.tokens(), IN);
  private final INDArray dy = NUMBERS.get("dy", BATCH.tokens(), OUT);

  private static Parameter parameter(String name, long... shape) {
    return new Parameter(name, NUMBERS.get(name, shape));
  }

  private static LoraLinear layer(String name, double scaling) {
    Conv1D base = new Conv1D(name, parameter("conv.weight", IN, OUT), parameter("conv.bias", OUT));
    Parameter a = parameter("lora_A.weight", RANK, IN);
    return new LoraLinear(base, a, parameter("lora_B.weight", OUT, RANK), scaling, DROPOUT);
  }

  private static LoraLinear layer() {
    return layer("c_attn", RSLORA.scaling("transformer.h.0.attn.c_attn"));
  }

  private static Map<String, Parameter> parameters(LoraLinear layer, boolean trainable) {
    Map<String, Parameter> all = new LinkedHashMap<>();
    layer.parameters(
        p -> {
          p.setRequiresGrad(trainable);
          all.put(p.name(), p);
        });
    assertThat(all).containsOnlyKeys("conv.weight", "conv.bias", "lora_A.weight", "lora_B.weight");
    return all;
  }

  private Pass pass(boolean dropout, long key) {
    return dropout
        ? Pass.training(recording.kernels(), workspace, BATCH, key)
        : Pass.gradients(recording.kernels(), workspace, BATCH);
  }

  private INDArray forward(LoraLinear layer, Pass pass) {
    INDArray y = nan(BATCH.tokens(), OUT);
    layer.forward(x, y, pass);
    return y;
  }

  private static INDArray nan(long... shape) {
    return Nd4j.valueArrayOf(shape, Double.NaN, DataType.DOUBLE);
  }

  private INDArray forwardBackward(LoraLinear layer, boolean dropout) {
    forward(layer, pass(dropout, 77));
    INDArray dx = nan(BATCH.tokens(), IN);
    layer.backward(dy, dx, pass(dropout, 77));
    return dx;
  }

  private static double[] doubles(INDArray a) {
    return a.dup('c').data().asDouble();
  }

  /** Of A, B, the base's weight and bias, and the input. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradients(boolean dropout) {
    LoraLinear layer = layer();
    Map<String, Parameter> parameters = parameters(layer, true);
    INDArray dx = forwardBackward(layer, dropout);

    FiniteDifferences differences = FiniteDifferences.ofSome(100);
    parameters.forEach(
        (name, p) -> differences.check(name, p.value(), p.gradient(), () -> loss(layer, dropout)));
    differences.check("x", x, dx, () -> loss(layer, dropout));
  }

  private double loss(LoraLinear layer, boolean dropout) {
    return forward(layer, pass(dropout, 77)).mul(dy).sumNumber().doubleValue();
  }

  /** One trainable parameter, with and without a gradient by the input. */
  @ParameterizedTest
  @CsvSource({
    // gemms: v = s dy B, one for each trained matrix, and two for dx
    "lora_A.weight, true, 4, 1",
    "lora_A.weight, false, 2, 1",
    "lora_B.weight, true, 4, 1",
    "lora_B.weight, false, 2, 1",
    "conv.bias, true, 3, 0",
    "conv.bias, false, 1, 0",
    "conv.weight, true, 4, 1"
  })
  void frozenParametersHaveNoGradient(String name, boolean needDx, int gemms, int weightGemms) {
    for (boolean dropout : new boolean[] {false, true}) {
      LoraLinear layer = layer();
      Map<String, Parameter> parameters = parameters(layer, true);
      double[] expectedDx = doubles(forwardBackward(layer, dropout));
      double[] expected = doubles(parameters.get(name).gradient());
      parameters(layer, false).get(name).setRequiresGrad(true);
      forward(layer, pass(dropout, 77));
      recording.clear();
      INDArray dx = needDx ? nan(BATCH.tokens(), IN) : null;
      layer.backward(dy, dx, pass(dropout, 77));

      if (needDx) {
        assertThat(doubles(dx)).containsExactly(expectedDx);
      }
      assertThat(doubles(parameters.get(name).gradient())).containsExactly(expected);
      parameters.forEach(
          (other, p) -> assertThat(p.gradientOrNull() != null).isEqualTo(other.equals(name)));
      assertThat(recording.count("gemm")).isEqualTo(gemms);
      assertThat(recording.weightGradientGemms()).isEqualTo(weightGemms);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsAccumulate(boolean dropout) {
    LoraLinear layer = layer();
    Map<String, Parameter> parameters = parameters(layer, true);
    INDArray dx = forwardBackward(layer, dropout);
    Map<String, double[]> once = new LinkedHashMap<>();
    parameters.forEach((name, p) -> once.put(name, doubles(p.gradient())));
    assertThat(forwardBackward(layer, dropout)).isEqualTo(dx);
    parameters.forEach(
        (name, p) -> {
          double[] twice = doubles(p.gradient());
          for (int i = 0; i < twice.length; i++) {
            assertThat(twice[i]).as(name).isCloseTo(2 * once.get(name)[i], within(1e-12));
          }
        });
  }

  /** Masks are a function of the step's key and the layer's name. */
  @Test
  void masksDifferByLayerAndKey() {
    double scaling = 0.7;
    double[] here = doubles(forward(layer("h.0", scaling), pass(true, 1)));
    assertThat(doubles(forward(layer("h.0", scaling), pass(true, 1)))).containsExactly(here);
    assertThat(doubles(forward(layer("h.0", scaling), pass(true, 2)))).isNotEqualTo(here);
    assertThat(doubles(forward(layer("h.1", scaling), pass(true, 1)))).isNotEqualTo(here);
    double[] without = doubles(forward(layer("h.0", scaling), pass(false, 1)));
    assertThat(here).isNotEqualTo(without);
    assertThat(doubles(forward(layer("h.1", scaling), pass(false, 2)))).containsExactly(without);
  }

  /** The output is linear in the mask, so its mean over the masks is the output without dropout. */
  @Test
  void dropoutKeepsTheExpectation() {
    int keys = 2000;
    LoraLinear layer = layer();
    INDArray expected = forward(layer, pass(false, 0));
    INDArray sum = Nd4j.zeros(DataType.DOUBLE, expected.shape());
    INDArray squares = sum.dup();
    for (int key = 0; key < keys; key++) {
      INDArray off = forward(layer, pass(true, key)).subi(expected);
      sum.addi(off);
      squares.addi(off.mul(off));
    }
    double[] mean = doubles(sum.div(keys));
    double[] variance = doubles(squares.div(keys));
    for (int i = 0; i < mean.length; i++) {
      double deviation = Math.sqrt(variance[i] / keys);
      assertThat(deviation).as("masks matter, output %d", i).isPositive();
      assertThat(Math.abs(mean[i])).as("output %d", i).isLessThan(4.5 * deviation);
    }
  }

  /** y = base(x) + s (x A^T) B^T, with s = alpha / sqrt(r) or alpha / r. */
  @Test
  void scaling() {
    assertThat(RSLORA.scaling("any")).isEqualTo(5 / Math.sqrt(3));
    LoraConfig plain = RSLORA.toBuilder().useRslora(false).build();
    assertThat(plain.scaling("any")).isEqualTo(5 / 3.0);
    LoraLinear layer = layer();
    INDArray update = x.mmul(layer.loraA().value().transpose());
    update = update.mmul(layer.loraB().value().transpose()).mul(5 / Math.sqrt(3));
    INDArray base = x.mmul(layer.base().weight().value());
    double[] expected = doubles(base.addRowVector(layer.base().bias().value()).add(update));
    assertThat(doubles(forward(layer, pass(false, 0)))).containsExactly(expected, within(1e-12));
  }

  @Test
  void mergedLayersAreNotTrained() {
    LoraLinear layer = layer();
    double[] weight = doubles(layer.base().weight().value());
    double[] unmerged = doubles(forward(layer, pass(false, 0)));
    layer.merge();
    layer.merge(); // once is enough
    assertThat(doubles(layer.base().weight().value())).isNotEqualTo(weight);
    double[] merged = doubles(forward(layer, pass(false, 0)));
    assertThat(merged).containsExactly(unmerged, within(1e-12));
    assertThatIllegalStateException()
        .isThrownBy(() -> layer.backward(dy, null, pass(false, 0)))
        .withMessage("c_attn: merged adapters cannot be trained; unmerge first");
    layer.unmerge();
    assertThat(doubles(layer.base().weight().value())).containsExactly(weight);
    assertThat(doubles(forward(layer, pass(false, 0)))).containsExactly(unmerged);
  }
}
