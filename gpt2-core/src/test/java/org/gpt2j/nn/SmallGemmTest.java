package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.gpt2j.nn.cpu.CpuKernels;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What products of few rows promise beside their values, where there is no oneDNN. */
@Tag("blas")
class SmallGemmTest {
  private static final int N = 1031;
  private static final int K = 517;

  private final Kernels kernels = new CpuKernels();

  private static INDArray normal(long key, int rows, int columns) {
    float[] x = new float[rows * columns];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) CounterRandom.gaussian(key, i);
    }
    return Nd4j.createFromArray(x).reshape('c', rows, columns);
  }

  private float[] product(INDArray a, INDArray b) {
    INDArray c = Nd4j.createUninitialized(DataType.FLOAT, a.size(0), b.size(1));
    kernels.gemm(false, a, false, b, 1, 0, c);
    return c.data().asFloat();
  }

  /** A row gives the same bits in whatever company. */
  @Test
  void rowsDoNotDependOnEachOther() {
    INDArray a = normal(1, 28, K);
    INDArray b = normal(2, K, N);
    float[] all = product(a, b);
    for (int m = 2; m < 28; m++) {
      INDArray first = Nd4j.createUninitialized(DataType.FLOAT, m, K);
      kernels.gatherRows(a, IntStream.range(0, m).toArray(), first);
      assertThat(product(first, b)).as(m + " rows").isEqualTo(Arrays.copyOf(all, m * N));
    }
  }

  /** What the strip's memory held before must not leak into a product whose depth is odd. */
  @Test
  void nothingIsLeftOfAnEarlierProduct() {
    INDArray a = normal(3, 5, K);
    INDArray b = normal(4, K, N);
    float[] clean = product(a, b);
    product(normal(5, 5, K), Nd4j.valueArrayOf(new long[] {K, N}, Float.NaN, DataType.FLOAT));
    assertThat(product(a, b)).isEqualTo(clean).doesNotContain(Float.NaN);
  }
}
