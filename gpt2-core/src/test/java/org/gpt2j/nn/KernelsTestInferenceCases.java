package org.gpt2j.nn;

import static org.gpt2j.nn.KernelsTestCase.ELEMENT;
import static org.gpt2j.nn.KernelsTestCase.SUM;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The op cases of weights in forms for inference: 8 bits, and packed. */
final class KernelsTestInferenceCases {
  /** The CPU kernels round each row to 12 bits and a sign. */
  private static final double ROUNDED_SUM = 2e-4;

  /** [n,k]: one panel of columns or some, many enough not to be cut in rows; odd ends. */
  private static final int[][] SIZES = {
    {1, 1}, {7, 3}, {33, 97}, {768, 48}, {769, 50}, {1153, 259}, {5, 1031}, {6200, 13}
  };

  private KernelsTestInferenceCases() {}

  static List<KernelsTestCase> all() {
    List<KernelsTestCase> cases = new ArrayList<>();
    for (int[] size : SIZES) {
      for (int m : new int[] {1, 2, 8, 9, 23, 63, 64, 67}) {
        for (boolean bias : new boolean[] {false, true}) {
          linear(cases, m, size[0], size[1], bias);
        }
        packed(cases, m, size[0], size[1]);
      }
    }
    for (int c : KernelsTestCases.SIZES) {
      embedding(cases, c);
    }
    return cases;
  }

  private static void linear(List<KernelsTestCase> cases, int m, int n, int k, boolean biased) {
    cases.add(
        new KernelsTestCase(
            "int8Linear",
            "mnk=" + Arrays.toString(new int[] {m, n, k}) + (biased ? " bias" : ""),
            ROUNDED_SUM,
            (kernels, data) -> {
              INDArray x = data.normal("x", m, k);
              Int8Matrix w = Int8Matrix.of(data.normal("w", k, n).castTo(DataType.FLOAT));
              INDArray bias = biased ? data.normal("bias", n) : null;
              kernels.int8Linear(x, w, bias, data.output("y", m, n));
              data.roundedAt(Math.sqrt(k));
            }));
  }

  private static void packed(List<KernelsTestCase> cases, int m, int n, int k) {
    cases.add(
        new KernelsTestCase(
            "packedLinear",
            "mnk=" + Arrays.toString(new int[] {m, n, k}),
            SUM,
            (kernels, data) -> {
              INDArray x = data.normal("x", m, k);
              PackedMatrix w = PackedMatrix.of(data.normal("w", k, n).castTo(DataType.FLOAT));
              kernels.packedLinear(x, w, data.normal("bias", n), data.output("y", m, n));
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
