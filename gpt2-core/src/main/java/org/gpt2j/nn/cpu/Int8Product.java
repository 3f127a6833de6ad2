package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.gpt2j.nn.Int8Matrix;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * y [m,n] = x [m,k] w + bias with w in 8 bits: in integers where oneDNN is there, else by the BLAS,
 * w's panels being widened for it one by one.
 */
final class Int8Product {
  private static final ThreadLocal<Int8Product> INSTANCE =
      ThreadLocal.withInitial(Int8Product::new);

  /** This thread's panel of floats. */
  private FloatPointer panel = new FloatPointer(0);

  private Int8Product() {}

  static void linear(INDArray x, Int8Matrix w, INDArray bias, INDArray y) {
    int m = (int) x.size(0);
    if (x.size(1) != w.rows() || y.size(0) != m || y.size(1) != w.columns()) {
      throw new IllegalArgumentException(
          String.format(
              "int8Linear: x [%s,%s] times w [%s,%s] does not give y [%s,%s]",
              m, x.size(1), w.rows(), w.columns(), y.size(0), y.size(1)));
    }
    if (OneDnn.available()) {
      float[] row = bias == null ? new float[w.columns()] : Rows.vector(bias);
      Int8Digits.linear(m, Floats.buffer(x), w, row, Floats.buffer(y));
    } else {
      if (bias != null) {
        Rows.broadcastRow(bias, y);
      }
      linearWidened(m, Floats.pointer(x), w, bias == null ? 0 : 1, Floats.pointer(y));
    }
  }

  private static void linearWidened(
      int m, FloatPointer x, Int8Matrix w, float beta, FloatPointer y) {
    Parallel.forEach(w.panels(), p -> INSTANCE.get().multiply(m, x, w, p, beta, y));
  }

  private void multiply(int m, FloatPointer x, Int8Matrix w, int p, float beta, FloatPointer y) {
    int n = w.width(p);
    int k = w.rows();
    widen(w, p);
    Blas.gemm(
        false, false, m, n, k, 1f, x, k, panel, n, beta, y.getPointer(w.first(p)), w.columns());
  }

  private void widen(Int8Matrix w, int p) {
    int n = w.width(p);
    int k = w.rows();
    if (panel.capacity() < (long) k * n) {
      panel.deallocate();
      panel = new FloatPointer((long) k * n);
    }
    BytePointer source = w.panel(p);
    FloatBuffer floats = panel.asBuffer();
    byte[] bytes = new byte[n];
    float[] row = new float[n];
    float[] scales = new float[n];
    w.scales(w.first(p), scales, n);
    for (int r = 0; r < k; r++) {
      source.getPointer((long) w.place(r) * n).get(bytes);
      for (int j = 0; j < n; j++) {
        row[j] = bytes[j] * scales[j];
      }
      floats.put(r * n, row);
    }
  }
}
