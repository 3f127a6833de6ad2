package org.gpt2j.nn.cpu;

import java.util.List;
import org.gpt2j.nn.Activation;
import org.gpt2j.nn.Int8Matrix;
import org.gpt2j.nn.Kernels;
import org.gpt2j.nn.KeyValuePage;
import org.gpt2j.nn.PackedMatrix;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Kernels} on FLOAT arrays in host memory. */
public final class CpuKernels implements Kernels {

  /** Kernels for this process, whose BLAS has no threads of its own from now on. */
  public CpuKernels() {
    Blas.useOneThreadACall();
  }

  /** Whether oneDNN and the Vector API help, or why not, in a few words. */
  public static String describe() {
    return Blas.describe() + ", fused Java kernels, " + RowMathProvider.describe();
  }

  @Override
  public void gemm(
      boolean transA,
      INDArray a,
      boolean transB,
      INDArray b,
      double alpha,
      double beta,
      INDArray c) {
    Blas.gemm(transA, a, transB, b, (float) alpha, (float) beta, c);
  }

  @Override
  public void int8Linear(INDArray x, Int8Matrix w, INDArray bias, INDArray y) {
    Int8Product.linear(x, w, bias, y);
  }

  @Override
  public void packedLinear(INDArray x, PackedMatrix w, INDArray bias, INDArray y) {
    PackedProduct.linear(x, w, bias, y);
  }

  @Override
  public boolean prefersPackedWeights() {
    return Blas.usesOneDnn();
  }

  @Override
  public void broadcastRow(INDArray row, INDArray y) {
    Rows.broadcastRow(row, y);
  }

  @Override
  public void addBiasBackward(INDArray dy, INDArray dBias) {
    Rows.addBiasBackward(dy, dBias);
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
    LayerNormKernel.forward(x, weight, bias, eps, y, mean, rstd);
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
    LayerNormKernel.backward(dy, x, weight, mean, rstd, dx, dWeight, dBias);
  }

  @Override
  public void activation(Activation f, INDArray x, INDArray y) {
    ActivationKernel.forward(f, x, y);
  }

  @Override
  public void activationBackward(Activation f, INDArray x, INDArray dy, INDArray dx) {
    ActivationKernel.backward(f, x, dy, dx);
  }

  @Override
  public void axpy(double alpha, INDArray x, INDArray y) {
    Elementwise.axpy((float) alpha, x, y);
  }

  @Override
  public void scale(double alpha, INDArray x) {
    Elementwise.scale((float) alpha, x);
  }

  @Override
  public void dropout(INDArray x, double p, long key, INDArray y) {
    Elementwise.addDropout(null, x, p, key, y);
  }

  @Override
  public void addDropout(INDArray residual, INDArray delta, double p, long key, INDArray out) {
    Elementwise.addDropout(residual, delta, p, key, out);
  }

  @Override
  public void embedding(int[] ids, int[] positions, INDArray wte, INDArray wpe, INDArray y) {
    Rows.embedding(ids, positions, wte, wpe, y);
  }

  @Override
  public void int8Embedding(int[] ids, int[] positions, Int8Matrix wte, INDArray wpe, INDArray y) {
    Rows.int8Embedding(ids, positions, wte, wpe, y);
  }

  @Override
  public void embeddingBackward(INDArray dy, int[] rows, INDArray dTable) {
    Rows.embeddingBackward(dy, rows, dTable);
  }

  @Override
  public void gatherRows(INDArray x, int[] rows, INDArray y) {
    Rows.gatherRows(x, rows, y);
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
    new AttentionKernel(qkv, starts, nHead, scale, p, key).forward(out, lse);
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
    new AttentionKernel(qkv, starts, nHead, scale, p, key).backward(dOut, out, lse, dqkv);
  }

  @Override
  public void storeKeyValues(INDArray qkv, int first, int n, KeyValuePage page, int at) {
    CachedAttentionKernel.store(qkv, first, n, page, at);
  }

  @Override
  public void cachedAttention(
      INDArray qkv,
      List<List<KeyValuePage>> pages,
      int[] lengths,
      int nHead,
      double scale,
      INDArray out) {
    new CachedAttentionKernel(qkv, pages, lengths, nHead, scale).forward(out);
  }

  @Override
  public double crossEntropy(INDArray logits, int[] targets, double gradScale, INDArray dLogits) {
    return CrossEntropyKernel.forwardBackward(logits, targets, gradScale, dLogits);
  }

  @Override
  public double sumOfSquares(INDArray x) {
    return Elementwise.sumOfSquares(x);
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
    Elementwise.adamW(
        param, grad, m, v, (float) gradScale, lr, beta1, beta2, (float) eps, weightDecay, step);
  }
}
