package org.gpt2j.nn.portable;

import java.util.List;
import org.gpt2j.nn.Activation;
import org.gpt2j.nn.CounterRandom;
import org.gpt2j.nn.Int8Matrix;
import org.gpt2j.nn.Kernels;
import org.gpt2j.nn.KeyValuePage;
import org.gpt2j.nn.PackedMatrix;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * {@link Kernels} in ND4J operations: runs on any ND4J backend, in the floating type of the arrays
 * it is given. Written to be read: each method is its formula, with a temporary array wherever one
 * helps, so any output may be the same array as an input.
 */
public final class Nd4jKernels implements Kernels {

  @Override
  public void gemm(
      boolean transA,
      INDArray a,
      boolean transB,
      INDArray b,
      double alpha,
      double beta,
      INDArray c) {
    INDArray opA = transA ? a.transpose() : a;
    INDArray opB = transB ? b.transpose() : b;
    INDArray product = opA.mmul(opB).muli(alpha);
    if (beta == 0) { // as in BLAS: what c holds does not matter, even NaN
      c.assign(product);
    } else {
      c.muli(beta).addi(product);
    }
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
    y.assign(0).addi(row(row));
  }

  @Override
  public void addBiasBackward(INDArray dy, INDArray dBias) {
    dBias.addi(dy.sum(0));
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
    INDArray mu = x.mean(true, 1);
    INDArray centred = x.sub(mu);
    INDArray variance = centred.mul(centred).mean(true, 1);
    INDArray reciprocal = Transforms.sqrt(variance.addi(eps), false).rdivi(1);
    mean.assign(mu.reshape(mean.shape()));
    rstd.assign(reciprocal.reshape(rstd.shape()));
    y.assign(centred.mul(reciprocal).mul(row(weight)).add(row(bias)));
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
    INDArray normalised = x.sub(column(mean)).mul(column(rstd));
    INDArray dNormalised = dy.mul(row(weight));
    if (dWeight != null) {
      dWeight.addi(dy.mul(normalised).sum(0));
    }
    if (dBias != null) {
      dBias.addi(dy.sum(0));
    }
    if (dx != null) {
      // mean and rstd depend on x too, hence the two means that are subtracted
      INDArray along = dNormalised.mul(normalised).mean(true, 1);
      INDArray common = dNormalised.mean(true, 1);
      INDArray inner = dNormalised.sub(common).sub(normalised.mul(along));
      dx.addi(inner.mul(column(rstd)));
    }
  }

  @Override
  public void activation(Activation f, INDArray x, INDArray y) {
    y.assign(Nd4jActivations.value(f, x));
  }

  @Override
  public void activationBackward(Activation f, INDArray x, INDArray dy, INDArray dx) {
    dx.assign(Nd4jActivations.derivative(f, x).mul(dy));
  }

  @Override
  public void axpy(double alpha, INDArray x, INDArray y) {
    y.addi(x.mul(alpha));
  }

  @Override
  public void scale(double alpha, INDArray x) {
    x.muli(alpha);
  }

  @Override
  public void dropout(INDArray x, double p, long key, INDArray y) {
    y.assign(x.mul(dropoutMask(x, p, key)));
  }

  @Override
  public void addDropout(INDArray residual, INDArray delta, double p, long key, INDArray out) {
    out.assign(residual.add(delta.mul(dropoutMask(delta, p, key))));
  }

  private static INDArray dropoutMask(INDArray like, double p, long key) {
    int threshold = CounterRandom.threshold(p);
    double[] mask = new double[Math.toIntExact(like.length())];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = CounterRandom.keep(key, i, threshold) ? 1 / (1 - p) : 0;
    }
    return Nd4j.createFromArray(mask).castTo(like.dataType()).reshape(like.shape());
  }

  @Override
  public void embedding(int[] ids, int[] positions, INDArray wte, INDArray wpe, INDArray y) {
    if (ids.length > 0) {
      y.assign(rows(wte, ids).addi(rows(wpe, positions)));
    }
  }

  @Override
  public void int8Embedding(int[] ids, int[] positions, Int8Matrix wte, INDArray wpe, INDArray y) {
    float[] row = new float[wte.rows()];
    for (int t = 0; t < ids.length; t++) {
      wte.column(ids[t], row);
      y.getRow(t)
          .assign(Nd4j.createFromArray(row).castTo(y.dataType()))
          .addi(wpe.getRow(positions[t]));
    }
  }

  @Override
  public void embeddingBackward(INDArray dy, int[] rows, INDArray dTable) {
    // One row after the other: a scatter would not say in which order it adds equal rows.
    for (int t = 0; t < rows.length; t++) {
      dTable.getRow(rows[t]).addi(dy.getRow(t));
    }
  }

  @Override
  public void gatherRows(INDArray x, int[] rows, INDArray y) {
    if (rows.length > 0) {
      y.assign(rows(x, rows));
    }
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
    new Nd4jAttention(qkv, starts, nHead, scale, p, key).forward(out, lse);
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
    new Nd4jAttention(qkv, starts, nHead, scale, p, key).backward(dOut, out, lse, dqkv);
  }

  @Override
  public void storeKeyValues(INDArray qkv, int first, int n, KeyValuePage page, int at) {
    Nd4jCachedAttention.store(qkv, first, n, page, at);
  }

  @Override
  public void cachedAttention(
      INDArray qkv,
      List<List<KeyValuePage>> pages,
      int[] lengths,
      int nHead,
      double scale,
      INDArray out) {
    Nd4jCachedAttention.forward(qkv, pages, lengths, nHead, scale, out);
  }

  @Override
  public double crossEntropy(INDArray logits, int[] targets, double gradScale, INDArray dLogits) {
    if (targets.length == 0) {
      return 0;
    }
    INDArray shifted = logits.sub(logits.max(true, 1));
    INDArray exp = Transforms.exp(shifted, true);
    INDArray denominator = exp.sum(true, 1);
    double loss = 0;
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] != IGNORE_INDEX) {
        loss += Math.log(denominator.getDouble(i, 0)) - shifted.getDouble(i, targets[i]);
      }
    }
    if (dLogits != null) {
      INDArray gradient = exp.div(denominator);
      for (int i = 0; i < targets.length; i++) {
        if (targets[i] == IGNORE_INDEX) {
          gradient.getRow(i).assign(0);
        } else {
          gradient.putScalar(i, targets[i], gradient.getDouble(i, targets[i]) - 1);
        }
      }
      dLogits.assign(gradient.muli(gradScale));
    }
    return loss;
  }

  @Override
  public double sumOfSquares(INDArray x) {
    INDArray wide = x.castTo(DataType.DOUBLE);
    return wide.mul(wide).sumNumber().doubleValue();
  }

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
    INDArray g = grad.mul(gradScale);
    param.muli(1 - lr * weightDecay);
    m.muli(beta1).addi(g.mul(1 - beta1));
    v.muli(beta2).addi(g.mul(g).muli(1 - beta2));
    double correction1 = 1 - Math.pow(beta1, step);
    double correction2 = 1 - Math.pow(beta2, step);
    INDArray denominator = Transforms.sqrt(v, true).divi(Math.sqrt(correction2)).addi(eps);
    param.subi(m.div(denominator).muli(lr / correction1));
  }

  /** The rows of a matrix, copied. */
  private static INDArray rows(INDArray table, int[] rows) {
    return Nd4j.pullRows(table, 1, rows, 'c');
  }

  /** A vector as [1,n], to be broadcast down the rows. */
  private static INDArray row(INDArray vector) {
    return vector.reshape(1, vector.length());
  }

  /** A vector as [n,1], to be broadcast across the columns. */
  private static INDArray column(INDArray vector) {
    return vector.reshape(vector.length(), 1);
  }
}
