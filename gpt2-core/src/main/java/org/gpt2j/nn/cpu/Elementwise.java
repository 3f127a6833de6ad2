package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import org.gpt2j.nn.CounterRandom;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Kernels over all elements in order, a chunk at a time. */
final class Elementwise {
  /** Elements a block of work: 64 KiB, so that three operands stay in the L2 cache. */
  static final int CHUNK = 16384;

  private static final RowMath MATH = RowMathProvider.get();
  private static final ThreadLocal<float[][]> SCRATCH =
      ThreadLocal.withInitial(() -> new float[4][CHUNK]);

  private Elementwise() {}

  /** This thread's four work arrays of CHUNK floats. */
  static float[][] scratch() {
    return SCRATCH.get();
  }

  static int length(INDArray x) {
    return Math.toIntExact(x.length());
  }

  static void axpy(float alpha, INDArray x, INDArray y) {
    FloatBuffer xb = Floats.buffer(x);
    FloatBuffer yb = Floats.buffer(y);
    Parallel.forRange(
        length(x),
        CHUNK,
        (begin, end) -> {
          int n = end - begin;
          float[] a = scratch()[0];
          float[] b = scratch()[1];
          xb.get(begin, a, 0, n);
          yb.get(begin, b, 0, n);
          for (int i = 0; i < n; i++) {
            b[i] += alpha * a[i];
          }
          yb.put(begin, b, 0, n);
        });
  }

  static void scale(float alpha, INDArray x) {
    FloatBuffer xb = Floats.buffer(x);
    Parallel.forRange(
        length(x),
        CHUNK,
        (begin, end) -> {
          int n = end - begin;
          float[] a = scratch()[0];
          xb.get(begin, a, 0, n);
          for (int i = 0; i < n; i++) {
            a[i] *= alpha;
          }
          xb.put(begin, a, 0, n);
        });
  }

  /** out = residual + dropout(delta); residual null means none. */
  static void addDropout(INDArray residual, INDArray delta, double p, long key, INDArray out) {
    FloatBuffer db = Floats.buffer(delta);
    FloatBuffer ob = Floats.buffer(out);
    FloatBuffer rb = residual == null ? null : Floats.buffer(residual);
    Parallel.forRange(
        length(delta),
        CHUNK,
        (begin, end) -> {
          int n = end - begin;
          float[] d = scratch()[0];
          db.get(begin, d, 0, n);
          if (p > 0) {
            drop(d, n, p, key, begin);
          }
          if (rb != null) {
            float[] r = scratch()[1];
            rb.get(begin, r, 0, n);
            for (int i = 0; i < n; i++) {
              d[i] += r[i];
            }
          }
          ob.put(begin, d, 0, n);
        });
  }

  /** Dropout of the first n elements of x, whose counters start at index. */
  static void drop(float[] x, int n, double p, long key, long index) {
    int threshold = CounterRandom.threshold(p);
    float factor = (float) (1 / (1 - p));
    if (index >>> 32 == index + n >>> 32) {
      MATH.dropout(x, n, CounterRandom.lanes(key, index), (int) index, threshold, factor);
    } else {
      for (int i = 0; i < n; i++) {
        x[i] *= CounterRandom.keep(key, index + i, threshold) ? factor : 0f;
      }
    }
  }

  static double sumOfSquares(INDArray x) {
    FloatBuffer xb = Floats.buffer(x);
    int n = length(x);
    double[] partial = new double[(n + CHUNK - 1) / CHUNK];
    Parallel.forRange(
        n,
        CHUNK,
        (begin, end) -> {
          float[] a = scratch()[0];
          xb.get(begin, a, 0, end - begin);
          partial[begin / CHUNK] = MATH.sumOfSquares(a, end - begin);
        });
    double sum = 0;
    for (double s : partial) {
      sum += s;
    }
    return sum;
  }

  static void adamW(
      INDArray param,
      INDArray grad,
      INDArray m,
      INDArray v,
      float gradScale,
      double lr,
      double beta1,
      double beta2,
      float eps,
      double weightDecay,
      long step) {
    float decay = (float) (1 - lr * weightDecay);
    float stepSize = (float) (lr / (1 - Math.pow(beta1, step)));
    float rootBias2 = (float) Math.sqrt(1 - Math.pow(beta2, step));
    float b1 = (float) beta1;
    float b2 = (float) beta2;
    float c1 = (float) (1 - beta1);
    float c2 = (float) (1 - beta2);
    FloatBuffer pb = Floats.buffer(param);
    FloatBuffer gb = Floats.buffer(grad);
    FloatBuffer mb = Floats.buffer(m);
    FloatBuffer vb = Floats.buffer(v);
    Parallel.forRange(
        length(param),
        CHUNK,
        (begin, end) -> {
          int n = end - begin;
          float[] p = scratch()[0];
          float[] g = scratch()[1];
          float[] mm = scratch()[2];
          float[] vv = scratch()[3];
          pb.get(begin, p, 0, n);
          gb.get(begin, g, 0, n);
          mb.get(begin, mm, 0, n);
          vb.get(begin, vv, 0, n);
          for (int i = 0; i < n; i++) {
            float gi = gradScale * g[i];
            float mi = b1 * mm[i] + c1 * gi;
            float vi = b2 * vv[i] + c2 * gi * gi;
            mm[i] = mi;
            vv[i] = vi;
            float denominator = (float) Math.sqrt(vi) / rootBias2 + eps;
            p[i] = decay * p[i] - stepSize * (mi / denominator);
          }
          pb.put(begin, p, 0, n);
          mb.put(begin, mm, 0, n);
          vb.put(begin, vv, 0, n);
        });
  }
}
