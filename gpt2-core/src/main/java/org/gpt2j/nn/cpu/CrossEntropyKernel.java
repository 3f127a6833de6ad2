package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import org.gpt2j.nn.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Softmax cross entropy, loss and gradient in one pass over each row. */
final class CrossEntropyKernel {
  private static final RowMath MATH = RowMathProvider.get();

  private CrossEntropyKernel() {}

  static double forwardBackward(
      INDArray logits, int[] targets, double gradScale, INDArray dLogits) {
    int rows = (int) logits.size(0);
    int v = (int) logits.size(1);
    FloatBuffer lb = Floats.buffer(logits);
    FloatBuffer db = dLogits == null ? null : Floats.buffer(dLogits);
    double[] losses = new double[rows];
    Parallel.forRange(
        rows,
        4,
        (begin, end) -> {
          float[] row = new float[v];
          for (int t = begin; t < end; t++) {
            int target = targets[t];
            if (target == Kernels.IGNORE_INDEX) {
              if (db != null) {
                db.put(t * v, new float[v]);
              }
              continue;
            }
            lb.get(t * v, row);
            float targetLogit = row[target];
            float max = MATH.max(row, v);
            MATH.expMinus(row, v, max);
            double sum = MATH.sum(row, v);
            losses[t] = Math.log(sum) + max - targetLogit;
            if (db != null) {
              float factor = (float) (gradScale / sum);
              for (int i = 0; i < v; i++) {
                row[i] *= factor;
              }
              row[target] -= (float) gradScale;
              db.put(t * v, row);
            }
          }
        });
    double total = 0;
    for (double loss : losses) {
      total += loss;
    }
    return total;
  }
}
