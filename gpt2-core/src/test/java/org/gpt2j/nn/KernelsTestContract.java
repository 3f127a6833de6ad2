package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gpt2j.nn.portable.Nd4jKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What every provider of {@link Kernels} must do: agree with {@link Nd4jKernels} in double
 * precision on all op cases, as far as 32-bit floats can.
 */
abstract class KernelsTestContract {

  /** The provider under test. */
  abstract Kernels provider();

  static List<KernelsTestCase> cases() {
    return KernelsTestCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheReference(KernelsTestCase c) {
    KernelsTestData expected = new KernelsTestData(DataType.DOUBLE);
    KernelsTestData actual = new KernelsTestData(DataType.FLOAT);
    c.body().run(new Nd4jKernels(), expected);
    c.body().run(provider(), actual);
    assertSame(c, actual, expected, c.tolerance());
  }

  @Test
  void everyKernelHasACase() {
    assertThat(cases().stream().map(KernelsTestCase::op).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Kernels.class.getMethods())
                .filter(m -> m.getParameterCount() > 0)
                .map(Method::getName)
                .toList());
  }

  /** The largest logit is subtracted first, so that exp cannot overflow. */
  @Test
  void crossEntropyOfHugeLogitsIsFinite() {
    INDArray logits = Nd4j.createFromArray(new float[][] {{1000, 0, -1000}, {1000, 0, -1000}});
    INDArray gradient = Nd4j.create(DataType.FLOAT, 2, 3);
    double loss = provider().crossEntropy(logits, new int[] {0, 1}, 1, gradient);
    assertThat(loss).isEqualTo(1000);
    assertThat(gradient).isEqualTo(Nd4j.createFromArray(new float[][] {{0, 0, 0}, {1, -1, 0}}));
  }

  /** As in cross entropy; what is left of the smaller score is 0. */
  @Test
  void attentionOfHugeScoresIsFinite() {
    INDArray qkv = Nd4j.createFromArray(new float[][] {{100, 100, 1}, {100, 50, 2}});
    INDArray out = Nd4j.create(DataType.FLOAT, 2, 1);
    INDArray lse = Nd4j.create(DataType.FLOAT, 2, 1);
    provider().attention(qkv, new int[] {0, 2}, 1, 1, 0, 0, out, lse);
    assertThat(out).isEqualTo(Nd4j.createFromArray(new float[][] {{1}, {1}}));
    assertThat(lse).isEqualTo(Nd4j.createFromArray(new float[][] {{10000}, {10000}}));
  }

  @Test
  void cachedAttentionOfHugeScoresIsFinite() {
    KeyValuePage page = KeyValuePage.create(DataType.FLOAT, 1, 1);
    INDArray qkv = Nd4j.createFromArray(new float[][] {{0, 100, 1}, {100, 50, 2}});
    provider().storeKeyValues(qkv, 0, 2, page, 0);
    INDArray query = Nd4j.createFromArray(new float[][] {{100, 0, 0}});
    INDArray out = Nd4j.create(DataType.FLOAT, 1, 1);
    provider().cachedAttention(query, List.of(List.of(page)), new int[] {2}, 1, 1, out);
    assertThat(out).isEqualTo(Nd4j.createFromArray(new float[][] {{1}}));
  }

  /** Every array within the tolerance times its magnitude. */
  static void assertSame(
      KernelsTestCase c, KernelsTestData actual, KernelsTestData expected, double tolerance) {
    assertThat(actual.all()).as(c.toString()).hasSameSizeAs(expected.all()).isNotEmpty();
    for (int i = 0; i < actual.all().size(); i++) {
      KernelsTestData.Named e = expected.all().get(i);
      INDArray a = actual.all().get(i).array();
      assertClose(c + ": " + e.name(), a, e.array(), tolerance, e.magnitude());
    }
  }

  /** Each element within the tolerance times the largest one, or times the magnitude if more. */
  static void assertClose(
      String name, INDArray actual, INDArray expected, double tolerance, double magnitude) {
    assertThat(actual.shape()).as(name + ", shape").isEqualTo(expected.shape());
    double[] a = actual.castTo(DataType.DOUBLE).ravel().toDoubleVector();
    double[] e = expected.castTo(DataType.DOUBLE).ravel().toDoubleVector();
    double largest = magnitude;
    for (double value : e) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < e.length; i++) {
      // "not within" rather than "beyond", so that a NaN on either side fails
      if (!(Math.abs(a[i] - e[i]) <= tolerance * largest)) {
        String found = name + "[" + i + "] is " + a[i] + ", expected " + e[i];
        throw new AssertionError(found + " within " + tolerance + " of " + largest);
      }
    }
  }
}
