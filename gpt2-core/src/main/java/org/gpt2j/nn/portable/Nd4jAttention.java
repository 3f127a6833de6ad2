package org.gpt2j.nn.portable;

import org.gpt2j.nn.CounterRandom;
import org.gpt2j.nn.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** One call of {@link Kernels#attention} or its backward pass: head by head, in full matrices. */
final class Nd4jAttention {
  private final INDArray qkv;
  private final int[] starts;
  private final int nHead;
  private final double scale;
  private final double p;
  private final long key;
  private final int width;
  private final int headSize;
  private final int maxLength;
  private final INDArray causalMask;

  Nd4jAttention(INDArray qkv, int[] starts, int nHead, double scale, double p, long key) {
    this.qkv = qkv;
    this.starts = starts;
    this.nHead = nHead;
    this.scale = scale;
    this.p = p;
    this.key = key;
    this.width = Math.toIntExact(qkv.size(1) / 3);
    this.headSize = width / nHead;
    int longest = 0;
    for (int s = 0; s + 1 < starts.length; s++) {
      longest = Math.max(longest, starts[s + 1] - starts[s]);
    }
    this.maxLength = longest;
    this.causalMask = longest == 0 ? null : causalMask();
  }

  void forward(INDArray out, INDArray lse) {
    for (int s = 0; s + 1 < starts.length; s++) {
      for (int h = 0; h < nHead && starts[s] < starts[s + 1]; h++) {
        INDArray scores = scores(s, h);
        INDArray max = scores.max(true, 1);
        INDArray denominator = Transforms.exp(scores.sub(max), false).sum(true, 1);
        INDArray logDenominator = Transforms.log(denominator, false).addi(max);
        INDArray weights = Transforms.exp(scores.sub(logDenominator), false);
        if (p > 0) {
          weights.muli(dropoutMask(s, h));
        }
        block(out, s, h * headSize, headSize).assign(weights.mmul(value(s, h)));
        block(lse, s, h, 1).assign(logDenominator);
      }
    }
  }

  void backward(INDArray dOut, INDArray out, INDArray lse, INDArray dqkv) {
    for (int s = 0; s + 1 < starts.length; s++) {
      for (int h = 0; h < nHead && starts[s] < starts[s + 1]; h++) {
        int column = h * headSize;
        INDArray dHead = copy(dOut, s, column, headSize);
        INDArray weights = Transforms.exp(scores(s, h).sub(copy(lse, s, h, 1)), false);
        INDArray dropped = weights;
        INDArray dWeights = dHead.mmul(value(s, h).transpose());
        if (p > 0) {
          INDArray mask = dropoutMask(s, h);
          dropped = weights.mul(mask);
          dWeights = dWeights.mul(mask);
        }
        // The softmax's own term, sum_j weights_j dWeights_j, is dOut . out of the row
        // (Dao et al. 2022, FlashAttention, appendix B).
        INDArray dot = dHead.mul(copy(out, s, column, headSize)).sum(true, 1);
        INDArray dScores = weights.mul(dWeights.sub(dot)).muli(scale);
        INDArray dQuery = dScores.mmul(key(s, h));
        INDArray dKey = dScores.transpose().mmul(query(s, h));
        INDArray dValue = dropped.transpose().mmul(dHead);
        block(dqkv, s, column, headSize).assign(dQuery);
        block(dqkv, s, width + column, headSize).assign(dKey);
        block(dqkv, s, 2 * width + column, headSize).assign(dValue);
      }
    }
  }

  /** scale q k^T of one sequence and head, [L,L], -infinity where the key is in the future. */
  private INDArray scores(int s, int h) {
    int length = starts[s + 1] - starts[s];
    INDArray future =
        causalMask.get(NDArrayIndex.interval(0, length), NDArrayIndex.interval(0, length));
    return query(s, h).mmul(key(s, h).transpose()).muli(scale).addi(future);
  }

  private INDArray query(int s, int h) {
    return copy(qkv, s, h * headSize, headSize);
  }

  private INDArray key(int s, int h) {
    return copy(qkv, s, width + h * headSize, headSize);
  }

  private INDArray value(int s, int h) {
    return copy(qkv, s, 2 * width + h * headSize, headSize);
  }

  private INDArray copy(INDArray x, int s, int column, int columns) {
    return block(x, s, column, columns).dup('c');
  }

  /** A view of the sequence's rows and some columns. */
  private INDArray block(INDArray x, int s, int column, int columns) {
    return x.get(
        NDArrayIndex.interval(starts[s], starts[s + 1]),
        NDArrayIndex.interval(column, column + columns));
  }

  private INDArray causalMask() {
    double[][] mask = new double[maxLength][maxLength];
    for (int i = 0; i < maxLength; i++) {
      for (int j = i + 1; j < maxLength; j++) {
        mask[i][j] = Double.NEGATIVE_INFINITY;
      }
    }
    return Nd4j.createFromArray(mask).castTo(qkv.dataType());
  }

  private INDArray dropoutMask(int s, int h) {
    int threshold = CounterRandom.threshold(p);
    int length = starts[s + 1] - starts[s];
    double[][] mask = new double[length][length];
    for (int i = 0; i < length; i++) {
      long base = ((long) (starts[s] + i) * nHead + h) * maxLength;
      for (int j = 0; j <= i; j++) {
        mask[i][j] = CounterRandom.keep(key, base + j, threshold) ? 1 / (1 - p) : 0;
      }
    }
    return Nd4j.createFromArray(mask).castTo(qkv.dataType());
  }
}
