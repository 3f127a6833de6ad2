package org.gpt2j.nn;

import static org.gpt2j.nn.KernelsTestCase.SUM;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The op cases of attention and its backward pass. */
final class KernelsTestAttentionCases {
  private static final int[][] LENGTHS = {
    {1}, {2}, {1, 1, 1}, {7}, {3, 1, 2}, {17, 33, 1}, {64, 65}, {130, 5, 1, 31}, {2, 0, 3}
  };
  private static final int[] HEAD_SIZES = {1, 5, 7, 64};

  private KernelsTestAttentionCases() {}

  static List<KernelsTestCase> all() {
    List<KernelsTestCase> cases = new ArrayList<>();
    for (int[] lengths : LENGTHS) {
      for (int headSize : HEAD_SIZES) {
        for (int nHead : new int[] {1, 3}) {
          for (double p : new double[] {0, 0.2}) {
            add(cases, lengths, headSize, nHead, p);
          }
        }
      }
    }
    return cases;
  }

  private static void add(
      List<KernelsTestCase> cases, int[] lengths, int headSize, int nHead, double p) {
    int[] starts = starts(lengths);
    int rows = starts[lengths.length];
    int c = headSize * nHead;
    double scale = 1 / Math.sqrt(headSize);
    long key = CounterRandom.key(99, headSize);
    String sizes = "lengths=" + Arrays.toString(lengths) + " heads=" + nHead + "x" + headSize;
    String detail = sizes + " p=" + p;
    cases.add(
        new KernelsTestCase(
            "attention",
            detail,
            SUM,
            (kernels, data) ->
                kernels.attention(
                    data.normal("qkv", rows, 3 * c),
                    starts,
                    nHead,
                    scale,
                    p,
                    key,
                    data.output("out", rows, c),
                    data.output("lse", rows, nHead))));
    cases.add(
        new KernelsTestCase(
            "attentionBackward",
            detail,
            SUM,
            (kernels, data) -> {
              INDArray dOut = data.normal("dOut", rows, c);
              INDArray qkv = data.normal("qkv", rows, 3 * c);
              INDArray out = data.output("out", rows, c);
              INDArray lse = data.output("lse", rows, nHead);
              INDArray dqkv = data.output("dqkv", rows, 3 * c);
              kernels.attention(qkv, starts, nHead, scale, p, key, out, lse);
              kernels.attentionBackward(dOut, qkv, starts, nHead, scale, p, key, out, lse, dqkv);
            }));
  }

  /** First row of each sequence, and the sum of the lengths at the end. */
  static int[] starts(int... lengths) {
    int[] starts = new int[lengths.length + 1];
    for (int s = 0; s < lengths.length; s++) {
      starts[s + 1] = starts[s] + lengths[s];
    }
    return starts;
  }
}
