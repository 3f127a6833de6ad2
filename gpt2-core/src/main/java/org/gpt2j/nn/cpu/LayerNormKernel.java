package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layer normalisation of rows, forward and backward. */
final class LayerNormKernel {
  private static final RowMath MATH = RowMathProvider.get();

  private LayerNormKernel() {}

  static void forward(
      INDArray x,
      INDArray weight,
      INDArray bias,
      double eps,
      INDArray y,
      INDArray mean,
      INDArray rstd) {
    int rows = (int) x.size(0);
    int c = (int) x.size(1);
    float[] w = Rows.vector(weight);
    float[] b = Rows.vector(bias);
    FloatBuffer xb = Floats.buffer(x);
    FloatBuffer yb = Floats.buffer(y);
    FloatBuffer mb = Floats.buffer(mean);
    FloatBuffer sb = Floats.buffer(rstd);
    Parallel.forRange(
        rows,
        Rows.BLOCK,
        (begin, end) -> {
          float[] row = new float[c];
          for (int t = begin; t < end; t++) {
            xb.get(t * c, row);
            float m = (float) (MATH.sum(row, c) / c);
            for (int i = 0; i < c; i++) {
              row[i] -= m;
            }
            float s = (float) (1 / Math.sqrt(MATH.dot(row, row, c) / c + eps));
            for (int i = 0; i < c; i++) {
              row[i] = row[i] * s * w[i] + b[i];
            }
            yb.put(t * c, row);
            mb.put(t, m);
            sb.put(t, s);
          }
        });
  }

  /**
   * With xhat = (x - mean) rstd and g = dy weight: dx = rstd (g - mean(g) - xhat mean(g xhat)),
   * dWeight = sum of dy xhat, dBias = sum of dy.
   */
  static void backward(
      INDArray dy,
      INDArray x,
      INDArray weight,
      INDArray mean,
      INDArray rstd,
      INDArray dx,
      INDArray dWeight,
      INDArray dBias) {
    int rows = (int) x.size(0);
    int c = (int) x.size(1);
    float[] w = Rows.vector(weight);
    FloatBuffer dyb = Floats.buffer(dy);
    FloatBuffer xb = Floats.buffer(x);
    FloatBuffer mb = Floats.buffer(mean);
    FloatBuffer sb = Floats.buffer(rstd);
    FloatBuffer dxb = dx == null ? null : Floats.buffer(dx);
    float[][] weightSums = dWeight == null ? null : new float[Rows.blocks(rows)][c];
    float[][] biasSums = dBias == null ? null : new float[Rows.blocks(rows)][c];
    Parallel.forRange(
        rows,
        Rows.BLOCK,
        (begin, end) -> {
          float[] xhat = new float[c];
          float[] g = new float[c];
          float[] out = new float[c];
          int block = begin / Rows.BLOCK;
          for (int t = begin; t < end; t++) {
            dyb.get(t * c, g);
            xb.get(t * c, xhat);
            float m = mb.get(t);
            float s = sb.get(t);
            normalise(xhat, m, s, c);
            if (biasSums != null) {
              add(biasSums[block], g, c);
            }
            if (weightSums != null) {
              addProduct(weightSums[block], g, xhat, c);
            }
            if (dxb != null) {
              multiply(g, w, c);
              float meanG = (float) (MATH.sum(g, c) / c);
              float meanGx = (float) (MATH.dot(g, xhat, c) / c);
              dxb.get(t * c, out);
              addGradient(out, g, xhat, s, meanG, meanGx, c);
              dxb.put(t * c, out);
            }
          }
        });
    if (weightSums != null) {
      Rows.addPartials(weightSums, dWeight);
    }
    if (biasSums != null) {
      Rows.addPartials(biasSums, dBias);
    }
  }

  private static void normalise(float[] x, float mean, float rstd, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (x[i] - mean) * rstd;
    }
  }

  private static void multiply(float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      a[i] *= b[i];
    }
  }

  private static void addGradient(
      float[] dx, float[] g, float[] xhat, float rstd, float meanG, float meanGx, int n) {
    for (int i = 0; i < n; i++) {
      dx[i] += rstd * (g[i] - meanG - xhat[i] * meanGx);
    }
  }

  private static void add(float[] sum, float[] a, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] += a[i];
    }
  }

  private static void addProduct(float[] sum, float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] += a[i] * b[i];
    }
  }
}
