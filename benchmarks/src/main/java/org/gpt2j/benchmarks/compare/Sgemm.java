package org.gpt2j.benchmarks.compare;

import org.gpt2j.nn.Backend;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The yardstick: the rate of [480,768] times [768,3072] in the BLAS that the kernels use. */
final class Sgemm {
  private static final int M = 480;
  private static final int K = 768;
  private static final int N = 3072;
  private static final int REPEATS = 20;

  private final INDArray a = Nd4j.rand(DataType.FLOAT, M, K);
  private final INDArray b = Nd4j.rand(DataType.FLOAT, K, N);
  private final INDArray c = Nd4j.create(DataType.FLOAT, M, N);

  /** Floating-point operations a second of each of some products. */
  double[] rates() {
    double[] rates = new double[REPEATS];
    for (int i = 0; i < REPEATS; i++) {
      long start = System.nanoTime();
      Backend.kernels(DataType.FLOAT).gemm(false, a, false, b, 1, 0, c);
      rates[i] = 2.0 * M * N * K / (System.nanoTime() - start) * 1e9;
    }
    return rates;
  }
}
