package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.gpt2j.nn.portable.Nd4jKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The reference itself: its forward kernels against plain loops, both in double precision. */
class Nd4jKernelsForwardTest {

  static List<KernelsTestCase> forwardCases() {
    return KernelsTestCases.all().stream().filter(c -> !c.op().endsWith("Backward")).toList();
  }

  @ParameterizedTest
  @MethodSource("forwardCases")
  void agreesWithPlainLoops(KernelsTestCase c) {
    KernelsTestData expected = new KernelsTestData(DataType.DOUBLE);
    KernelsTestData actual = new KernelsTestData(DataType.DOUBLE);
    c.body().run(new NaiveKernels(), expected);
    c.body().run(new Nd4jKernels(), actual);
    KernelsTestContract.assertSame(c, actual, expected, 1e-12);
  }

  /** Values of erf from Abramowitz and Stegun, table 7.1. */
  @Test
  void thePlainErfIsErf() {
    assertThat(NaiveKernels.erf(0.5)).isCloseTo(0.5204998778, within(1e-10));
    assertThat(NaiveKernels.erf(-1)).isCloseTo(-0.8427007929, within(1e-10));
    assertThat(NaiveKernels.erf(2)).isCloseTo(0.9953222650, within(1e-10));
  }

  @Test
  void noSequencesAndNoRowsAreNoWork() {
    Kernels kernels = new Nd4jKernels();
    INDArray none = Nd4j.create(DataType.FLOAT, 0, 6);
    INDArray table = Nd4j.ones(DataType.FLOAT, 5, 6);
    int[] noRows = {};
    int[] noSequences = {0};
    kernels.attention(none, noSequences, 1, 1, 0.1, 1, none, none);
    kernels.attentionBackward(none, none, noSequences, 1, 1, 0.1, 1, none, none, none);
    kernels.embedding(noRows, noRows, table, table, none);
    kernels.embeddingBackward(none, noRows, table);
    kernels.gatherRows(table, noRows, none);
    assertThat(kernels.crossEntropy(none, noRows, 1, none)).isZero();
    assertThat(table).isEqualTo(Nd4j.ones(DataType.FLOAT, 5, 6));
  }
}
