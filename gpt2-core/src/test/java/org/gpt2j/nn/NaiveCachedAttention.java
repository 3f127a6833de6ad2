package org.gpt2j.nn;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention over pages, number by number: what {@link NaiveKernels} says of it. */
final class NaiveCachedAttention {
  private NaiveCachedAttention() {}

  static void store(INDArray qkv, int first, int n, KeyValuePage page, int at) {
    long width = qkv.size(1) / 3;
    long headSize = page.keys().size(1);
    for (int t = 0; t < n; t++) {
      for (long c = 0; c < width; c++) {
        long row = c / headSize * KeyValuePage.TOKENS + at + t;
        page.keys().putScalar(row, c % headSize, qkv.getDouble(first + t, width + c));
        page.values().putScalar(row, c % headSize, qkv.getDouble(first + t, 2 * width + c));
      }
    }
  }

  static void forward(
      INDArray qkv,
      List<List<KeyValuePage>> pages,
      int[] lengths,
      int nHead,
      double scale,
      INDArray out) {
    int size = (int) out.size(1) / nHead;
    for (int s = 0; s < lengths.length; s++) {
      for (int h = 0; h < nHead; h++) {
        double sum = 0;
        double[] mixed = new double[size];
        for (int j = 0; j < lengths[s]; j++) {
          KeyValuePage page = pages.get(s).get(j / KeyValuePage.TOKENS);
          long row = (long) h * KeyValuePage.TOKENS + j % KeyValuePage.TOKENS;
          double dot = 0;
          for (int i = 0; i < size; i++) {
            dot += qkv.getDouble(s, h * size + i) * page.keys().getDouble(row, i);
          }
          double weight = Math.exp(scale * dot);
          sum += weight;
          for (int i = 0; i < size; i++) {
            mixed[i] += weight * page.values().getDouble(row, i);
          }
        }
        for (int i = 0; i < size; i++) {
          out.putScalar(s, (long) h * size + i, mixed[i] / sum);
        }
      }
    }
  }
}
