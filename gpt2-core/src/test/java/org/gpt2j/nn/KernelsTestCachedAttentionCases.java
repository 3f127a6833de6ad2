package org.gpt2j.nn;

import static org.gpt2j.nn.KernelsTestCase.ELEMENT;
import static org.gpt2j.nn.KernelsTestCase.SUM;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The op cases of attention over stored keys and values, and of storing them. */
final class KernelsTestCachedAttentionCases {
  private static final int TOKENS = KeyValuePage.TOKENS;

  /** Around the borders of pages; the last ones are more than a thread does alone. */
  private static final int[][] LENGTHS = {
    {1}, {2, 1}, {7}, {63, 64, 65}, {128}, {129, 3, 1, 200}, {1024, 1, 700, 2000}
  };

  /** The last one makes products of a whole page that a BLAS would share between its threads. */
  private static final int[] HEAD_SIZES = {1, 5, 7, 64, 300};

  /** Rows of the batch, first row, rows taken, place in the page. */
  private static final int[][] STORED = {
    {1, 0, 1, 0}, {1, 0, 1, TOKENS - 1}, {3, 1, 2, 5}, {70, 3, TOKENS, 0}, {5, 0, 5, TOKENS - 5}
  };

  private KernelsTestCachedAttentionCases() {}

  static List<KernelsTestCase> all() {
    List<KernelsTestCase> cases = new ArrayList<>();
    for (int headSize : HEAD_SIZES) {
      for (int nHead : new int[] {1, 3}) {
        for (int[] stored : STORED) {
          addStore(cases, stored, headSize, nHead);
        }
        for (int[] lengths : LENGTHS) {
          addAttention(cases, lengths, headSize, nHead);
        }
      }
    }
    return cases;
  }

  private static void addStore(List<KernelsTestCase> cases, int[] stored, int headSize, int nHead) {
    int width = nHead * headSize;
    cases.add(
        new KernelsTestCase(
            "storeKeyValues",
            Arrays.toString(stored) + " heads=" + nHead + "x" + headSize,
            ELEMENT,
            (kernels, data) ->
                kernels.storeKeyValues(
                    data.normal("qkv", stored[0], 3 * width),
                    stored[1],
                    stored[2],
                    page(data, headSize, nHead),
                    stored[3])));
  }

  private static void addAttention(
      List<KernelsTestCase> cases, int[] lengths, int headSize, int nHead) {
    int width = nHead * headSize;
    cases.add(
        new KernelsTestCase(
            "cachedAttention",
            "lengths=" + Arrays.toString(lengths) + " heads=" + nHead + "x" + headSize,
            SUM,
            (kernels, data) -> {
              List<List<KeyValuePage>> pages = new ArrayList<>();
              for (int length : lengths) {
                List<KeyValuePage> sequence = new ArrayList<>();
                for (int from = 0; from < length; from += TOKENS) {
                  sequence.add(page(data, headSize, nHead));
                }
                pages.add(sequence);
              }
              kernels.cachedAttention(
                  data.normal("qkv", lengths.length, 3 * width),
                  pages,
                  lengths,
                  nHead,
                  1 / Math.sqrt(headSize),
                  data.output("out", lengths.length, width));
            }));
  }

  private static KeyValuePage page(KernelsTestData data, int headSize, int nHead) {
    return new KeyValuePage(
        data.normal("keys", nHead * TOKENS, headSize),
        data.normal("values", nHead * TOKENS, headSize));
  }
}
