package org.gpt2j.nn;

import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.gpt2j.nn.portable.Nd4jKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The backward kernels of the reference against central differences of its forward kernels, in
 * double precision. The scalar that is differentiated is the sum of dy * y for a random dy. Where a
 * kernel adds to a gradient, the gradient holds something before.
 */
class Nd4jKernelsGradientTest {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-6;

  private final Kernels kernels = new Nd4jKernels();
  private final KernelsTestData data = new KernelsTestData(DataType.DOUBLE);

  /** y = x W^T + bias, and the three calls that give its gradients. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void linear(int n) {
    INDArray x = data.normal("x", 3, n);
    INDArray weight = data.normal("weight", 5, n);
    INDArray bias = data.normal("bias", 5);
    INDArray dy = data.normal("dy", 3, 5);
    INDArray y = data.output("y", 3, 5);
    DoubleSupplier loss =
        () -> {
          kernels.broadcastRow(bias, y);
          kernels.gemm(false, x, true, weight, 1, 1, y);
          return dot(dy, y);
        };
    INDArray dx = data.output("dx", 3, n);
    INDArray dWeight = data.normal("dWeight", 5, n);
    INDArray dBias = data.normal("dBias", 5);
    INDArray weightBefore = dWeight.dup();
    INDArray biasBefore = dBias.dup();
    kernels.gemm(false, dy, false, weight, 1, 0, dx);
    kernels.gemm(true, dy, false, x, 1, 1, dWeight);
    kernels.addBiasBackward(dy, dBias);
    assertGradient("x", dx, x, loss);
    assertGradient("weight", dWeight.sub(weightBefore), weight, loss);
    assertGradient("bias", dBias.sub(biasBefore), bias, loss);
  }

  static Stream<Arguments> layerNormShapes() {
    return Stream.of(
        Arguments.of(1, 1),
        Arguments.of(3, 1),
        Arguments.of(1, 7),
        Arguments.of(4, 2),
        Arguments.of(5, 17));
  }

  @ParameterizedTest
  @MethodSource("layerNormShapes")
  void layerNorm(int rows, int c) {
    INDArray x = data.gaussian("x", 2, 1, rows, c);
    INDArray weight = data.normal("weight", c);
    INDArray bias = data.normal("bias", c);
    INDArray dy = data.normal("dy", rows, c);
    INDArray y = data.output("y", rows, c);
    INDArray mean = data.output("mean", rows);
    INDArray rstd = data.output("rstd", rows);
    // a large eps keeps the third derivative small where C is 1 or 2 and the variance near 0
    DoubleSupplier loss =
        () -> {
          kernels.layerNorm(x, weight, bias, 0.1, y, mean, rstd);
          return dot(dy, y);
        };
    loss.getAsDouble();
    INDArray dx = data.normal("dx", rows, c);
    INDArray dWeight = data.normal("dWeight", c);
    INDArray dBias = data.normal("dBias", c);
    INDArray xBefore = dx.dup();
    INDArray weightBefore = dWeight.dup();
    INDArray biasBefore = dBias.dup();
    kernels.layerNormBackward(dy, x, weight, mean, rstd, dx, null, null);
    kernels.layerNormBackward(dy, x, weight, mean, rstd, null, dWeight, null);
    kernels.layerNormBackward(dy, x, weight, mean, rstd, null, null, dBias);
    assertGradient("x", dx.sub(xBefore), x, loss);
    assertGradient("weight", dWeight.sub(weightBefore), weight, loss);
    assertGradient("bias", dBias.sub(biasBefore), bias, loss);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void activation(Activation f) {
    INDArray x = data.gaussian("x", 2, 0, 5, 13);
    INDArray dy = data.normal("dy", 5, 13);
    INDArray y = data.output("y", 5, 13);
    INDArray dx = data.output("dx", 5, 13);
    kernels.activationBackward(f, x, dy, dx);
    assertGradient(
        f.name(),
        dx,
        x,
        () -> {
          kernels.activation(f, x, y);
          return dot(dy, y);
        });
  }

  @Test
  void dropoutIsItsOwnBackwardPass() {
    INDArray x = data.normal("x", 5, 7);
    INDArray dy = data.normal("dy", 5, 7);
    INDArray y = data.output("y", 5, 7);
    INDArray dx = data.output("dx", 5, 7);
    kernels.dropout(dy, 0.4, 17, dx);
    assertGradient(
        "x",
        dx,
        x,
        () -> {
          kernels.dropout(x, 0.4, 17, y);
          return dot(dy, y);
        });
  }

  /** Tokens occur more than once, some never. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void embedding(int c) {
    int[] ids = {4, 0, 4, 2, 4};
    int[] positions = {0, 1, 2, 0, 1};
    INDArray wte = data.normal("wte", 6, c);
    INDArray wpe = data.normal("wpe", 4, c);
    INDArray dy = data.normal("dy", 5, c);
    INDArray y = data.output("y", 5, c);
    DoubleSupplier loss =
        () -> {
          kernels.embedding(ids, positions, wte, wpe, y);
          return dot(dy, y);
        };
    INDArray dWte = data.normal("dWte", 6, c);
    INDArray dWpe = data.normal("dWpe", 4, c);
    INDArray wteBefore = dWte.dup();
    INDArray wpeBefore = dWpe.dup();
    kernels.embeddingBackward(dy, ids, dWte);
    kernels.embeddingBackward(dy, positions, dWpe);
    assertGradient("wte", dWte.sub(wteBefore), wte, loss);
    assertGradient("wpe", dWpe.sub(wpeBefore), wpe, loss);
  }

  static Stream<Arguments> attentionShapes() {
    return Stream.of(0.0, 0.3)
        .flatMap(
            p ->
                Stream.of(
                    Arguments.of(new int[] {1}, 1, 1, p),
                    Arguments.of(new int[] {1, 1}, 2, 3, p),
                    Arguments.of(new int[] {4}, 1, 5, p),
                    Arguments.of(new int[] {2, 1, 3}, 2, 2, p)));
  }

  @ParameterizedTest
  @MethodSource("attentionShapes")
  void attention(int[] lengths, int nHead, int headSize, double p) {
    int[] starts = KernelsTestAttentionCases.starts(lengths);
    int rows = starts[lengths.length];
    int c = nHead * headSize;
    INDArray qkv = data.normal("qkv", rows, 3 * c);
    INDArray dOut = data.normal("dOut", rows, c);
    INDArray out = data.output("out", rows, c);
    INDArray lse = data.output("lse", rows, nHead);
    DoubleSupplier loss =
        () -> {
          kernels.attention(qkv, starts, nHead, 0.7, p, 23, out, lse);
          return dot(dOut, out);
        };
    loss.getAsDouble();
    INDArray dqkv = data.output("dqkv", rows, 3 * c);
    kernels.attentionBackward(dOut, qkv, starts, nHead, 0.7, p, 23, out, lse, dqkv);
    assertGradient("qkv", dqkv, qkv, loss);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 17})
  void crossEntropy(int v) {
    int[] targets = data.indices(6, v);
    targets[2] = Kernels.IGNORE_INDEX;
    INDArray logits = data.gaussian("logits", 2, 0, 6, v);
    INDArray dLogits = data.output("dLogits", 6, v);
    kernels.crossEntropy(logits, targets, 0.2, dLogits);
    assertGradient(
        "logits", dLogits, logits, () -> 0.2 * kernels.crossEntropy(logits, targets, 1, null));
  }

  private static double dot(INDArray a, INDArray b) {
    return a.mul(b).sumNumber().doubleValue();
  }

  /** Compares a gradient with the central differences of the loss by each element of x. */
  private static void assertGradient(
      String name, INDArray gradient, INDArray x, DoubleSupplier loss) {
    double[] numerical = new double[Math.toIntExact(x.length())];
    for (int i = 0; i < numerical.length; i++) {
      double before = x.getDouble(i);
      x.putScalar(i, before + STEP);
      double above = loss.getAsDouble();
      x.putScalar(i, before - STEP);
      double below = loss.getAsDouble();
      x.putScalar(i, before);
      numerical[i] = (above - below) / (2 * STEP);
    }
    INDArray expected = Nd4j.createFromArray(numerical).reshape(x.shape());
    KernelsTestContract.assertClose("gradient by " + name, gradient, expected, TOLERANCE, 1e-3);
  }
}
