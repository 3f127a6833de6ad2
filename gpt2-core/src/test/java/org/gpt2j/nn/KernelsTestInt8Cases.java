package org.gpt2j.nn;

import static org.gpt2j.nn.KernelsTestCase.ELEMENT;
import static org.gpt2j.nn.KernelsTestCase.SUM;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The op cases of weights in 8 bits. */
final class KernelsTestInt8Cases {
  /** The CPU kernels round the left matrix to 14 bits up to this many rows. */
  private static final int INTEGER_ROWS = 8;

  private static final double INTEGER_SUM = 2e-4;

  /** [n,k]: one panel of columns or some, many enough not to be cut in rows; odd ends. */
  private static final int[][] SIZES = {
    {1, 1}, {7, 3}, {33, 97}, {768, 48}, {769, 50}, {1153, 259}, {5, 1031}, {6200, 13}
  };

  private KernelsTestInt8Cases() {}

  static List<KernelsTestCase> all() {
    List<KernelsTestCase> cases = new ArrayList<>();
    for (int[] size : SIZES) {
      for (int m : new int[] {1, 2, 8, 9, 23, 63, 64, 67}) {
        for (double beta : new double[] {0, 0.25}) {
          gemm(cases, m, size[0], size[1], beta);
        }
      }
    }
    for (int c : KernelsTestCases.SIZES) {
      embedding(cases, c);
    }
    return cases;
  }

  private static void gemm(List<KernelsTestCase> cases, int m, int n, int k, double beta) {
    cases.add(
        new KernelsTestCase(
            "int8Gemm",
            "mnk=" + Arrays.toString(new int[] {m, n, k}) + " beta=" + beta,
            m <= INTEGER_ROWS ? INTEGER_SUM : SUM,
            (kernels, data) -> {
              INDArray a = data.normal("a", m, k);
              Int8Matrix b = Int8Matrix.of(data.normal("b", k, n).castTo(DataType.FLOAT));
              INDArray c = beta == 0 ? data.output("c", m, n) : data.normal("c", m, n);
              kernels.int8Gemm(a, b, beta, c);
              data.roundedAt(Math.sqrt(k));
            }));
  }

  private static void embedding(List<KernelsTestCase> cases, int c) {
    cases.add(
        new KernelsTestCase(
            "int8Embedding",
            "37x" + c,
            ELEMENT,
            (kernels, data) -> {
              INDArray wte = data.normal("wte", 1000, c);
              Int8Matrix rounded = Int8Matrix.ofTransposed(wte.castTo(DataType.FLOAT));
              INDArray wpe = data.normal("wpe", 40, c);
              int[] ids = data.indices(37, 1000);
              kernels.int8Embedding(
                  ids, data.indices(37, 40), rounded, wpe, data.output("y", 37, c));
            }));
  }
}
