package org.gpt2j.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The arrays of one run of an op case, in one floating type. Two runs of a case get the same
 * numbers, all exact in a float, so that their arrays can be compared one by one afterwards: the
 * inputs too, which no kernel may change.
 */
final class KernelsTestData {
  /**
   * An array or a number that a case made, to be compared with that of another run.
   *
   * @param magnitude what the errors are relative to, where it is more than the largest number
   */
  record Named(String name, INDArray array, double magnitude) {}

  private final DataType type;
  private final List<Named> all = new ArrayList<>();

  KernelsTestData(DataType type) {
    this.type = type;
  }

  List<Named> all() {
    return all;
  }

  /** Standard normal numbers, different ones for each array of the case. */
  INDArray normal(String name, long... shape) {
    return gaussian(name, 1, 0, shape);
  }

  INDArray gaussian(String name, double deviation, double mean, long... shape) {
    long key = CounterRandom.key(20240607, all.size());
    double[] values = new double[length(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + deviation * CounterRandom.gaussian(key, i));
    }
    return add(name, values, shape);
  }

  /** An array that the kernel must overwrite: NaN that is left, or taken part, is found. */
  INDArray output(String name, long... shape) {
    double[] values = new double[length(shape)];
    Arrays.fill(values, Double.NaN);
    return add(name, values, shape);
  }

  /** The given numbers, which should be exact in a float. */
  INDArray of(String name, double[] values, long... shape) {
    return add(name, values.clone(), shape);
  }

  /** A number that the kernel returned. */
  void result(String name, double value) {
    all.add(new Named(name, Nd4j.createFromArray(new double[] {value}), 0));
  }

  /**
   * Says that numbers of this size were rounded on the way to the last array or result, which may
   * be small: 1 in the case of the gradient softmax(x) - 1.
   */
  void roundedAt(double magnitude) {
    Named last = all.remove(all.size() - 1);
    all.add(new Named(last.name(), last.array(), magnitude));
  }

  /** Random indices below the bound. */
  int[] indices(int n, int bound) {
    long key = CounterRandom.key(4711, bound);
    int[] indices = new int[n];
    for (int i = 0; i < n; i++) {
      indices[i] = (int) (CounterRandom.uniform(key, i) * bound);
    }
    return indices;
  }

  private INDArray add(String name, double[] values, long... shape) {
    INDArray array = Nd4j.createFromArray(values).castTo(type).reshape('c', shape);
    all.add(new Named(name, array, 0));
    return array;
  }

  private static int length(long... shape) {
    long length = 1;
    for (long size : shape) {
      length *= size;
    }
    return Math.toIntExact(length);
  }
}
