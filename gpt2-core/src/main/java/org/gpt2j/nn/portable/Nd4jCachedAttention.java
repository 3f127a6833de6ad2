package org.gpt2j.nn.portable;

import java.util.List;
import java.util.function.Function;
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
    long width = qkv.size(1) / 3;
    long headSize = page.keys().size(1);
    for (long h = 0; h < width / headSize; h++) {
      INDArrayIndex places = interval(h * KeyValuePage.TOKENS + at, n);
      long column = width + h * headSize;
      copy(qkv, first, n, column, headSize, page.keys(), places);
      copy(qkv, first, n, column + width, headSize, page.values(), places);
    }
  }

  private static void copy(
      INDArray qkv,
      int first,
      int n,
      long column,
      long columns,
      INDArray to,
      INDArrayIndex places) {
    INDArray block = qkv.get(interval(first, n), interval(column, columns)).dup('c');
    to.get(places, NDArrayIndex.all()).assign(block);
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
        INDArray keys = gather(pages.get(s), KeyValuePage::keys, lengths[s], h);
        INDArray values = gather(pages.get(s), KeyValuePage::values, lengths[s], h);
        INDArray scores = query.mmul(keys.transpose()).muli(scale);
        INDArray weights = Transforms.exp(scores.sub(scores.max(true, 1)), false);
        weights.divi(weights.sum(true, 1));
        out.get(interval(s, 1), columns).assign(weights.mmul(values));
      }
    }
  }

  /** The keys or values of a head in all pages, [length, headSize]. */
  private static INDArray gather(
      List<KeyValuePage> pages, Function<KeyValuePage, INDArray> part, int length, int h) {
    INDArray[] parts = new INDArray[pages.size()];
    for (int i = 0; i < parts.length; i++) {
      int filled = Math.min(KeyValuePage.TOKENS, length - i * KeyValuePage.TOKENS);
      INDArrayIndex rows = interval((long) h * KeyValuePage.TOKENS, filled);
      parts[i] = part.apply(pages.get(i)).get(rows, NDArrayIndex.all()).dup('c');
    }
    return Nd4j.concat(0, parts);
  }

  private static INDArrayIndex interval(long from, long n) {
    return NDArrayIndex.interval(from, from + n);
  }
}
