package org.gpt2j.nn.cpu;

import org.bytedeco.javacpp.FloatPointer;
import org.gpt2j.nn.PackedMatrix;
import org.nd4j.linalg.api.ndarray.INDArray;

/** y [m,n] = x [m,k] w + bias, panel by panel of w. */
final class PackedProduct {
  private PackedProduct() {}

  static void linear(INDArray x, PackedMatrix w, INDArray bias, INDArray y) {
    int m = (int) x.size(0);
    int k = w.rows();
    int n = w.columns();
    if (x.size(1) != k || y.size(0) != m || y.size(1) != n) {
      throw new IllegalArgumentException(
          String.format(
              "packedLinear: x [%s,%s] times w [%s,%s] does not give y [%s,%s]",
              m, x.size(1), k, n, y.size(0), y.size(1)));
    }
    Rows.broadcastRow(bias, y);
    FloatPointer px = Floats.pointer(x);
    FloatPointer py = Floats.pointer(y);
    Parallel.forEach(
        w.panels(),
        p -> {
          int width = w.width(p);
          FloatPointer to = py.getPointer(w.first(p));
          Blas.gemm(false, false, m, width, k, 1f, px, k, w.panel(p), width, 1f, to, n);
        });
  }
}
