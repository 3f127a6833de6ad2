package org.gpt2j.nn;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The numeric primitives of a transformer, forward next to backward. Two providers exist: {@link
 * org.gpt2j.nn.cpu.CpuKernels} (32-bit floats in host memory, fast) and {@link
 * org.gpt2j.nn.portable.Nd4jKernels} (any ND4J backend and floating type, the reference).
 *
 * <p>Every array is a c-order matrix or vector that starts at the beginning of its buffer, as
 * {@link Workspace} and {@link Parameter} make them. T counts the tokens of all sequences of a
 * batch, C the model's width. Outputs are overwritten unless "+=" is said; an output may be the
 * same array as an input only where that is said. Results do not depend on the number of threads,
 * save what the BLAS does inside {@link #gemm}.
 */
public interface Kernels {

  /** The label that {@link #crossEntropy} skips, as in PyTorch. */
  int IGNORE_INDEX = -100;

  /**
   * c[M,N] = alpha * op(a) op(b) + beta * c, where op(a) is [M,K], op(b) is [K,N] and op is the
   * transpose where asked for.
   */
  void gemm(
      boolean transA,
      INDArray a,
      boolean transB,
      INDArray b,
      double alpha,
      double beta,
      INDArray c);

  /**
   * y[T,N] = x[T,K] w + bias, w [K,N] being in 8 bits; bias [N] may be null. Results are those of
   * the rounded weights up to the rounding of floats; a provider may round each row of x to 12 bits
   * and a sign of its largest element beforehand.
   */
  void int8Linear(INDArray x, Int8Matrix w, INDArray bias, INDArray y);

  /** y[T,N] = x[T,K] w + bias[N]. */
  void packedLinear(INDArray x, PackedMatrix w, INDArray bias, INDArray y);

  /** Whether {@link #packedLinear} is faster than {@link #gemm}. */
  boolean prefersPackedWeights();

  /** y[t] = row, for every row of y[T,N]: a bias, to which {@link #gemm} then adds. */
  void broadcastRow(INDArray row, INDArray y);

  /** dBias[N] += the sum of the rows of dy[T,N]. */
  void addBiasBackward(INDArray dy, INDArray dBias);

  /**
   * Layer normalisation (Ba et al. 2016) of each row: y = (x - mean) * rstd * weight + bias, rstd =
   * 1 / sqrt(var + eps) with the biased variance.
   *
   * @param x [T,C]
   * @param weight [C]
   * @param bias [C]
   * @param y [T,C]
   * @param mean [T], written for the backward pass
   * @param rstd [T], written for the backward pass
   */
  void layerNorm(
      INDArray x,
      INDArray weight,
      INDArray bias,
      double eps,
      INDArray y,
      INDArray mean,
      INDArray rstd);

  /**
   * dx += the gradient by x; dWeight[C] += and dBias[C] += theirs, each skipped when null (dx too).
   */
  void layerNormBackward(
      INDArray dy,
      INDArray x,
      INDArray weight,
      INDArray mean,
      INDArray rstd,
      INDArray dx,
      INDArray dWeight,
      INDArray dBias);

  /** y = f(x), element by element. */
  void activation(Activation f, INDArray x, INDArray y);

  /** dx = dy * f'(x); dx may be dy. */
  void activationBackward(Activation f, INDArray x, INDArray dy, INDArray dx);

  /** y += alpha * x, same shapes. */
  void axpy(double alpha, INDArray x, INDArray y);

  /** x *= alpha. */
  void scale(double alpha, INDArray x);

  /**
   * y[i] = x[i] / (1-p) where {@link CounterRandom#keep} says so for (key, i), else 0; i is the
   * row-major index. y may be x. With the gradient as x it is its own backward pass.
   */
  void dropout(INDArray x, double p, long key, INDArray y);

  /** out = residual + dropout(delta, p, key), same shapes; out may be either input. */
  void addDropout(INDArray residual, INDArray delta, double p, long key, INDArray out);

  /** y[t] = wte[ids[t]] + wpe[positions[t]]: wte [V,C], wpe [P,C], y [T,C]. */
  void embedding(int[] ids, int[] positions, INDArray wte, INDArray wpe, INDArray y);

  /** As {@link #embedding}, the token table being in 8 bits and transposed: wte [C,V]. */
  void int8Embedding(int[] ids, int[] positions, Int8Matrix wte, INDArray wpe, INDArray y);

  /** dTable[rows[t]] += dy[t], in the order of t. */
  void embeddingBackward(INDArray dy, int[] rows, INDArray dTable);

  /** y[i] = x[rows[i]]: x [T,C], y [rows.length,C]. */
  void gatherRows(INDArray x, int[] rows, INDArray y);

  /**
   * Causal self-attention (Vaswani et al. 2017), each sequence on its own: out =
   * dropout(softmax(scale q k^T)) v per head.
   *
   * @param qkv [T,3C], columns q | k | v, each of nHead heads side by side
   * @param starts first row of each sequence, and T at the end
   * @param p dropout probability of the attention weights, 0 for none; the weight of query row t
   *     (in the packed batch), head h and key j (in the sequence) has the counter (t * nHead + h) *
   *     maxLength + j, maxLength being the longest sequence of this batch
   * @param out [T,C]
   * @param lse [T,nHead], the log of each softmax's denominator, kept for the backward pass
   */
  void attention(
      INDArray qkv,
      int[] starts,
      int nHead,
      double scale,
      double p,
      long key,
      INDArray out,
      INDArray lse);

  /** dqkv [T,3C] = the gradient by qkv; the other arguments as in {@link #attention}. */
  void attentionBackward(
      INDArray dOut,
      INDArray qkv,
      int[] starts,
      int nHead,
      double scale,
      double p,
      long key,
      INDArray out,
      INDArray lse,
      INDArray dqkv);

  /**
   * Copies the keys and values of n tokens into a page.
   *
   * @param qkv [T,3C], columns q | k | v
   * @param first row of the first token
   * @param at its place in the page; {@code at + n} is at most {@link KeyValuePage#TOKENS}
   */
  void storeKeyValues(INDArray qkv, int first, int n, KeyValuePage page, int at);

  /**
   * Attention of one new token of each sequence over the stored keys and values, its own among
   * them: out = softmax(scale q k^T) v per head.
   *
   * @param qkv [B,3C], of which the queries are read
   * @param pages those of each sequence, in their order; all but the last are full
   * @param lengths stored tokens of each sequence, at least 1
   * @param out [B,C]
   */
  void cachedAttention(
      INDArray qkv,
      List<List<KeyValuePage>> pages,
      int[] lengths,
      int nHead,
      double scale,
      INDArray out);

  /**
   * Softmax cross entropy against class indices.
   *
   * @param logits [N,V]
   * @param targets N class indices; {@link #IGNORE_INDEX} skips the row
   * @param gradScale factor of the gradient, 1/rows for a mean
   * @param dLogits gradient times gradScale (0 in skipped rows); may be logits; null for none
   * @return the sum of the rows' losses, in nats
   */
  double crossEntropy(INDArray logits, int[] targets, double gradScale, INDArray dLogits);

  /** The sum of the squares of all elements, in double precision. */
  double sumOfSquares(INDArray x);

  /**
   * One AdamW step (Loshchilov and Hutter 2019) as torch.optim.AdamW does it: param *= 1 - lr *
   * weightDecay; m = beta1 m + (1-beta1) g; v = beta2 v + (1-beta2) g^2; param -= lr /
   * (1-beta1^step) * m / (sqrt(v) / sqrt(1-beta2^step) + eps), where g = gradScale * grad.
   *
   * @param step 1 for the first
   */
  void adamW(
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
      long step);
}
