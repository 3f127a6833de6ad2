package org.gpt2j.nn.portable;

import java.util.List;
import org.gpt2j.nn.KeyValuePage;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Attention over stored keys and values: head by head, the pages put together first. */
final class Nd4jCachedAttention {
  private Nd4jCachedAttention() {}

  static void store(INDArray qkv, int first, int n, KeyValuePage page, int at) {
    long width = page.keys().size(0);
    long headSize = page.values().size(1);
    INDArrayIndex rows = interval(first, n);
    INDArray keys = qkv.get(rows, interval(width, width)).dup('c');
    page.keys().get(NDArrayIndex.all(), interval(at, n)).assign(keys.transpose());
    for (long h = 0; h < width / headSize; h++) {
      INDArray values = qkv.get(rows, interval(2 * width + h * headSize, headSize)).dup('c');
      INDArrayIndex places = interval(h * KeyValuePage.TOKENS + at, n);
      page.values().get(places, NDArrayIndex.all()).assign(values);
    }
  }

  static void forward(
      INDArray qkv,
      List<List<KeyValuePage>> pages,
      int[] lengths,
      int nHead,
      double scale,
      INDArray out) {
    long headSize = out.size(1) / nHead;
    for (int s = 0; s < lengths.length; s++) {
      for (int h = 0; h < nHead; h++) {
        INDArrayIndex columns = interval(h * headSize, headSize);
        INDArray query = qkv.get(interval(s, 1), columns).dup('c');
        INDArray scores = query.mmul(keys(pages.get(s), lengths[s], columns)).muli(scale);
        INDArray weights = Transforms.exp(scores.sub(scores.max(true, 1)), false);
        weights.divi(weights.sum(true, 1));
        INDArray mixed = weights.mmul(values(pages.get(s), lengths[s], h));
        out.get(interval(s, 1), columns).assign(mixed);
      }
    }
  }

  /** The keys of a head, [headSize, length]. */
  private static INDArray keys(List<KeyValuePage> pages, int length, INDArrayIndex head) {
    INDArray[] parts = new INDArray[pages.size()];
    for (int i = 0; i < parts.length; i++) {
      INDArrayIndex filled = interval(0, filled(length, i));
      parts[i] = pages.get(i).keys().get(head, filled).dup('c');
    }
    return Nd4j.concat(1, parts);
  }

  /** The values of a head, [length, headSize]. */
  private static INDArray values(List<KeyValuePage> pages, int length, int h) {
    INDArray[] parts = new INDArray[pages.size()];
    for (int i = 0; i < parts.length; i++) {
      INDArrayIndex filled = interval((long) h * KeyValuePage.TOKENS, filled(length, i));
      parts[i] = pages.get(i).values().get(filled, NDArrayIndex.all()).dup('c');
    }
    return Nd4j.concat(0, parts);
  }

  private static int filled(int length, int page) {
    return Math.min(KeyValuePage.TOKENS, length - page * KeyValuePage.TOKENS);
  }

  private static INDArrayIndex interval(long from, long n) {
    return NDArrayIndex.interval(from, from + n);
  }
}
