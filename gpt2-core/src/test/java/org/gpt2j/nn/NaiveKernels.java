package org.gpt2j.nn;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The forward kernels in plain loops over doubles, the formulas as the papers print them: what the
 * reference itself is held against. Backward kernels are held against finite differences instead.
 */
final class NaiveKernels implements Kernels {

  @Override
  public void gemm(
      boolean transA,
      INDArray a,
      boolean transB,
      INDArray b,
      double alpha,
      double beta,
      INDArray c) {
    int m = rows(c);
    int n = columns(c);
    int depth = transA ? rows(a) : columns(a);
    double[] av = get(a);
    double[] bv = get(b);
    double[] cv = get(c);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = 0; k < depth; k++) {
          double left = transA ? av[k * m + i] : av[i * depth + k];
          double right = transB ? bv[j * depth + k] : bv[k * n + j];
          sum += left * right;
        }
        cv[i * n + j] = alpha * sum + (beta == 0 ? 0 : beta * cv[i * n + j]);
      }
    }
    set(c, cv);
  }

  @Override
  public void int8Linear(INDArray x, Int8Matrix w, INDArray bias, INDArray y) {
    if (bias != null) {
      broadcastRow(bias, y);
    }
    gemm(false, x, false, w.widen(y.dataType()), 1, bias == null ? 0 : 1, y);
  }

  @Override
  public void packedLinear(INDArray x, PackedMatrix w, INDArray bias, INDArray y) {
    broadcastRow(bias, y);
    gemm(false, x, false, w.unpack(y.dataType()), 1, 1, y);
  }

  @Override
  public boolean prefersPackedWeights() {
    return false;
  }

  @Override
  public void broadcastRow(INDArray row, INDArray y) {
    double[] yv = get(y);
    double[] rv = get(row);
    for (int i = 0; i < yv.length; i++) {
      yv[i] = rv[i % rv.length];
    }
    set(y, yv);
  }

  @Override
  public void layerNorm(
      INDArray x,
      INDArray weight,
      INDArray bias,
      double eps,
      INDArray y,
      INDArray mean,
      INDArray rstd) {
    int c = columns(x);
    double[] xv = get(x);
    double[] wv = get(weight);
    double[] bv = get(bias);
    double[] means = new double[rows(x)];
    double[] rstds = new double[rows(x)];
    double[] yv = new double[xv.length];
    for (int t = 0; t < means.length; t++) {
      double variance = 0;
      for (int i = 0; i < c; i++) {
        means[t] += xv[t * c + i] / c;
      }
      for (int i = 0; i < c; i++) {
        variance += Math.pow(xv[t * c + i] - means[t], 2) / c;
      }
      rstds[t] = 1 / Math.sqrt(variance + eps);
      for (int i = 0; i < c; i++) {
        yv[t * c + i] = (xv[t * c + i] - means[t]) * rstds[t] * wv[i] + bv[i];
      }
    }
    set(y, yv);
    set(mean, means);
    set(rstd, rstds);
  }

  @Override
  public void activation(Activation f, INDArray x, INDArray y) {
    double[] v = get(x);
    for (int i = 0; i < v.length; i++) {
      v[i] =
          switch (f) {
            case GELU_TANH ->
                0.5
                    * v[i]
                    * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v[i] + 0.044715 * cube(v[i]))));
            case GELU_ERF -> 0.5 * v[i] * (1 + erf(v[i] / Math.sqrt(2)));
            case GELU_10 -> Math.min(0.5 * v[i] * (1 + erf(v[i] / Math.sqrt(2))), 10);
            case QUICK_GELU -> v[i] / (1 + Math.exp(-1.702 * v[i]));
            case RELU -> Math.max(v[i], 0);
            case RELU2 -> Math.max(v[i], 0) * Math.max(v[i], 0);
            case RELU6 -> Math.min(Math.max(v[i], 0), 6);
            case LEAKY_RELU -> Math.max(v[i], 0) + 0.01 * Math.min(v[i], 0);
            case SILU -> v[i] / (1 + Math.exp(-v[i]));
            case MISH -> v[i] * Math.tanh(Math.log1p(Math.exp(v[i])));
            case HARD_SWISH -> v[i] * Math.min(Math.max(v[i] + 3, 0), 6) / 6;
            case TANH -> Math.tanh(v[i]);
            case SIGMOID -> 1 / (1 + Math.exp(-v[i]));
            case LINEAR -> v[i];
          };
    }
    set(y, v);
  }

  private static double cube(double x) {
    return x * x * x;
  }

  /** Abramowitz and Stegun 7.1.6: 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!. */
  static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x); // 1 - erf(6) is 2e-17
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  @Override
  public void axpy(double alpha, INDArray x, INDArray y) {
    double[] xv = get(x);
    double[] yv = get(y);
    for (int i = 0; i < xv.length; i++) {
      yv[i] += alpha * xv[i];
    }
    set(y, yv);
  }

  @Override
  public void scale(double alpha, INDArray x) {
    double[] v = get(x);
    for (int i = 0; i < v.length; i++) {
      v[i] *= alpha;
    }
    set(x, v);
  }

  @Override
  public void dropout(INDArray x, double p, long key, INDArray y) {
    double[] v = get(x);
    for (int i = 0; i < v.length; i++) {
      v[i] *= dropoutFactor(p, key, i);
    }
    set(y, v);
  }

  @Override
  public void addDropout(INDArray residual, INDArray delta, double p, long key, INDArray out) {
    double[] v = get(residual);
    double[] dv = get(delta);
    for (int i = 0; i < v.length; i++) {
      v[i] += dv[i] * dropoutFactor(p, key, i);
    }
    set(out, v);
  }

  private static double dropoutFactor(double p, long key, long index) {
    return CounterRandom.keep(key, index, CounterRandom.threshold(p)) ? 1 / (1 - p) : 0;
  }

  @Override
  public void embedding(int[] ids, int[] positions, INDArray wte, INDArray wpe, INDArray y) {
    int c = columns(y);
    double[] tokens = get(wte);
    double[] places = get(wpe);
    double[] yv = new double[ids.length * c];
    for (int i = 0; i < yv.length; i++) {
      int t = i / c;
      yv[i] = tokens[ids[t] * c + i % c] + places[positions[t] * c + i % c];
    }
    set(y, yv);
  }

  @Override
  public void int8Embedding(int[] ids, int[] positions, Int8Matrix wte, INDArray wpe, INDArray y) {
    embedding(ids, positions, wte.widen(y.dataType()).transpose().dup('c'), wpe, y);
  }

  @Override
  public void gatherRows(INDArray x, int[] rows, INDArray y) {
    int c = columns(x);
    double[] xv = get(x);
    double[] yv = new double[rows.length * c];
    for (int i = 0; i < yv.length; i++) {
      yv[i] = xv[rows[i / c] * c + i % c];
    }
    set(y, yv);
  }

  @Override
  public void attention(
      INDArray qkv,
      int[] starts,
      int nHead,
      double scale,
      double p,
      long key,
      INDArray out,
      INDArray lse) {
    int c = columns(out);
    int size = c / nHead;
    int longest = 0;
    for (int s = 0; s + 1 < starts.length; s++) {
      longest = Math.max(longest, starts[s + 1] - starts[s]);
    }
    double[] x = get(qkv);
    double[] outs = new double[rows(qkv) * c];
    double[] lses = new double[rows(qkv) * nHead];
    for (int s = 0; s + 1 < starts.length; s++) {
      for (int t = starts[s]; t < starts[s + 1]; t++) {
        for (int h = 0; h < nHead; h++) {
          double[] exp = new double[t - starts[s] + 1];
          double sum = 0;
          for (int j = 0; j < exp.length; j++) {
            double dot = 0;
            for (int i = 0; i < size; i++) {
              int column = h * size + i;
              dot += x[t * 3 * c + column] * x[(starts[s] + j) * 3 * c + c + column];
            }
            exp[j] = Math.exp(scale * dot);
            sum += exp[j];
          }
          lses[t * nHead + h] = Math.log(sum);
          for (int j = 0; j < exp.length; j++) {
            long counter = ((long) t * nHead + h) * longest + j;
            double weight = exp[j] / sum * dropoutFactor(p, key, counter);
            for (int i = 0; i < size; i++) {
              int column = h * size + i;
              outs[t * c + column] += weight * x[(starts[s] + j) * 3 * c + 2 * c + column];
            }
          }
        }
      }
    }
    set(out, outs);
    set(lse, lses);
  }

  @Override
  public void storeKeyValues(INDArray qkv, int first, int n, KeyValuePage page, int at) {
    NaiveCachedAttention.store(qkv, first, n, page, at);
  }

  @Override
  public void cachedAttention(
      INDArray qkv,
      List<List<KeyValuePage>> pages,
      int[] lengths,
      int nHead,
      double scale,
      INDArray out) {
    NaiveCachedAttention.forward(qkv, pages, lengths, nHead, scale, out);
  }

  @Override
  public double crossEntropy(INDArray logits, int[] targets, double gradScale, INDArray dLogits) {
    int classes = columns(logits);
    double[] x = get(logits);
    double[] gradient = new double[x.length];
    double loss = 0;
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] == IGNORE_INDEX) {
        continue;
      }
      double sum = 0;
      for (int j = 0; j < classes; j++) {
        sum += Math.exp(x[i * classes + j]);
      }
      loss -= x[i * classes + targets[i]] - Math.log(sum);
      for (int j = 0; j < classes; j++) {
        double probability = Math.exp(x[i * classes + j]) / sum;
        gradient[i * classes + j] = gradScale * (probability - (j == targets[i] ? 1 : 0));
      }
    }
    if (dLogits != null) {
      set(dLogits, gradient);
    }
    return loss;
  }

  @Override
  public double sumOfSquares(INDArray x) {
    double sum = 0;
    for (double value : get(x)) {
      sum += value * value;
    }
    return sum;
  }

  /** Algorithm 2 of Loshchilov and Hutter 2019, with bias-corrected moments spelled out. */
  @Override
  public void adamW(
      INDArray param,
      INDArray grad,
      INDArray m,
      INDArray v,
      double gradScale,
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      long step) {
    double[] pv = get(param);
    double[] gv = get(grad);
    double[] mv = get(m);
    double[] vv = get(v);
    for (int i = 0; i < pv.length; i++) {
      double g = gradScale * gv[i];
      mv[i] = beta1 * mv[i] + (1 - beta1) * g;
      vv[i] = beta2 * vv[i] + (1 - beta2) * g * g;
      double mHat = mv[i] / (1 - Math.pow(beta1, step));
      double vHat = vv[i] / (1 - Math.pow(beta2, step));
      pv[i] -= lr * weightDecay * pv[i] + lr * mHat / (Math.sqrt(vHat) + eps);
    }
    set(param, pv);
    set(m, mv);
    set(v, vv);
  }

  @Override
  public void addBiasBackward(INDArray dy, INDArray dBias) {
    throw backward();
  }

  @Override
  public void layerNormBackward(
      INDArray dy,
      INDArray x,
      INDArray weight,
      INDArray mean,
      INDArray rstd,
      INDArray dx,
      INDArray dWeight,
      INDArray dBias) {
    throw backward();
  }

  @Override
  public void activationBackward(Activation f, INDArray x, INDArray dy, INDArray dx) {
    throw backward();
  }

  @Override
  public void embeddingBackward(INDArray dy, int[] rows, INDArray dTable) {
    throw backward();
  }

  @Override
  public void attentionBackward(
      INDArray dOut,
      INDArray qkv,
      int[] starts,
      int nHead,
      double scale,
      double p,
      long key,
      INDArray out,
      INDArray lse,
      INDArray dqkv) {
    throw backward();
  }

  private static UnsupportedOperationException backward() {
    return new UnsupportedOperationException("Held against finite differences instead.");
  }

  private static int rows(INDArray x) {
    return Math.toIntExact(x.size(0));
  }

  private static int columns(INDArray x) {
    return Math.toIntExact(x.size(1));
  }

  private static double[] get(INDArray x) {
    return x.ravel().toDoubleVector();
  }

  private static void set(INDArray x, double[] values) {
    x.assign(Nd4j.createFromArray(values).reshape(x.shape()));
  }
}
