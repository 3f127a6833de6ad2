package org.gpt2j.model;

import java.util.Arrays;
import java.util.BitSet;
import org.gpt2j.nn.CounterRandom;

/**
 * Chooses a token by its logits as transformers' generate does: repetition penalty, then when
 * sampling temperature, top_k and top_p, in this order. Its arrays are used again, so one instance
 * serves one thread.
 */
final class TokenSampler {
  private final GenerationConfig config;
  private final int[] ids;
  private final double[] weights;
  private int count;

  TokenSampler(GenerationConfig config, int vocabSize) {
    this.config = config;
    this.ids = new int[vocabSize];
    this.weights = new double[vocabSize];
  }

  /**
   * @param scores the logits [V]; overwritten
   * @param seen the tokens of the sequence so far
   * @param key of the sequence's random numbers, of which the one with index step is used
   * @throws ArithmeticException if the logits are not finite
   */
  int choose(float[] scores, BitSet seen, long key, int step) {
    penalise(scores, seen);
    if (!config.doSample()) {
      return argmax(scores);
    }
    select(scores);
    double left = (CounterRandom.bits(key, step) >>> 11) * 0x1p-53 * sum(count);
    int i = 0;
    while (i < count - 1 && left >= weights[i]) {
      left -= weights[i++];
    }
    return ids[i];
  }

  /** The probability with which each token would be drawn, [V]. */
  double[] probabilities(float[] scores, BitSet seen) {
    penalise(scores, seen);
    select(scores);
    double total = sum(count);
    double[] p = new double[scores.length];
    for (int i = 0; i < count; i++) {
      p[ids[i]] = weights[i] / total;
    }
    return p;
  }

  private void penalise(float[] scores, BitSet seen) {
    float penalty = (float) config.repetitionPenalty();
    if (penalty == 1) {
      return;
    }
    for (int id = seen.nextSetBit(0); id >= 0; id = seen.nextSetBit(id + 1)) {
      scores[id] = scores[id] < 0 ? scores[id] * penalty : scores[id] / penalty;
    }
  }

  private static float max(float[] scores) {
    float max = scores[0];
    for (float s : scores) {
      max = Math.max(max, s);
    }
    if (!Float.isFinite(max)) {
      throw new ArithmeticException("logits: expected finite numbers, found " + max);
    }
    return max;
  }

  private static int argmax(float[] scores) {
    float max = max(scores);
    int i = 0;
    while (scores[i] != max) {
      i++;
    }
    return i;
  }

  /** Fills ids and weights, probabilities times a common factor, with what may be drawn. */
  private void select(float[] scores) {
    if (config.temperature() != 1) {
      float temperature = (float) config.temperature();
      for (int i = 0; i < scores.length; i++) {
        scores[i] /= temperature;
      }
    }
    float max = max(scores);
    int k = config.topK();
    float least = k == 0 || k >= scores.length ? Float.NEGATIVE_INFINITY : kthLargest(scores, k);
    count = 0;
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] >= least) {
        ids[count] = i;
        weights[count++] = Math.exp(scores[i] - max);
      }
    }
    if (config.topP() < 1) {
      keepNucleus(scores, max);
    }
  }

  /** The k-th largest number: the root of a heap of the k largest, the smallest of them on top. */
  private static float kthLargest(float[] x, int k) {
    float[] heap = Arrays.copyOf(x, k);
    for (int i = k / 2 - 1; i >= 0; i--) {
      siftDown(heap, i);
    }
    for (int i = k; i < x.length; i++) {
      if (x[i] > heap[0]) {
        heap[0] = x[i];
        siftDown(heap, 0);
      }
    }
    return heap[0];
  }

  private static void siftDown(float[] heap, int at) {
    float value = heap[at];
    while (2 * at + 1 < heap.length) {
      int child = 2 * at + 1;
      if (child + 1 < heap.length && heap[child + 1] < heap[child]) {
        child++;
      }
      if (value <= heap[child]) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = value;
  }

  /**
   * Keeps the tokens before which, in falling order, there is less than top_p of the mass; of equal
   * ones the higher id comes first, as in the stable rising order of transformers.
   */
  private void keepNucleus(float[] scores, float max) {
    double total = sum(count);
    // Tokens of less than this have, even all together, less than the mass that is left out.
    double least = (1 - config.topP()) * total / count;
    long[] order = new long[count];
    int candidates = 0;
    for (int i = 0; i < count; i++) {
      if (weights[i] >= least || config.topP() == 0) {
        order[candidates++] = (long) rising(scores[ids[i]]) << 32 | ids[i];
      }
    }
    Arrays.sort(order, 0, candidates);
    double before = 0;
    count = 0;
    for (int i = candidates - 1; i >= 0; i--) {
      if (count > 0 && before >= config.topP() * total) {
        break;
      }
      int id = (int) order[i];
      ids[count] = id;
      weights[count] = Math.exp(scores[id] - max);
      before += weights[count++];
    }
  }

  /** An int in the order of the float; both zeros are one. */
  private static int rising(float x) {
    int bits = Float.floatToIntBits(x + 0f);
    return bits ^ (bits >> 31 & 0x7fffffff);
  }

  private double sum(int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += weights[i];
    }
    return sum;
  }
}
