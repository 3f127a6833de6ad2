package org.gpt2j.nn;

import java.util.Arrays;
import java.util.List;

/** What the outputs of a batch are measured against: class indices, or numbers. */
public sealed interface Labels {
  /** How many there are: one a sequence, or one a token of a language model. */
  int size();

  /** Those at some places, in the order of the places. */
  Labels at(int[] places);

  /**
   * The class indices.
   *
   * @throws IllegalArgumentException if these are numbers
   */
  default int[] ids() {
    throw new IllegalArgumentException("labels: expected class indices, found numbers");
  }

  /**
   * The numbers, [size, num_labels].
   *
   * @throws IllegalArgumentException if these are class indices
   */
  default float[][] values() {
    throw new IllegalArgumentException("labels: expected numbers, found class indices");
  }

  /**
   * Labels end to end.
   *
   * @param parts all of one kind
   * @throws IllegalArgumentException if some are class indices and others numbers
   */
  static Labels join(List<Labels> parts) {
    if (!parts.isEmpty() && parts.get(0) instanceof Values) {
      return new Values(
          parts.stream().flatMap(p -> Arrays.stream(p.values())).toArray(float[][]::new));
    }
    return new Ids(parts.stream().flatMapToInt(p -> Arrays.stream(p.ids())).toArray());
  }

  /**
   * Class indices.
   *
   * @param ids one a sequence or token; {@link Kernels#IGNORE_INDEX} for a token that is not learnt
   */
  record Ids(int[] ids) implements Labels {
    @Override
    public int size() {
      return ids.length;
    }

    @Override
    public Labels at(int[] places) {
      return new Ids(Arrays.stream(places).map(i -> ids[i]).toArray());
    }
  }

  /**
   * Numbers: 1 for each class that holds and 0 for the others, or what a regression is to say.
   *
   * @param values [size, num_labels]
   */
  record Values(float[][] values) implements Labels {
    @Override
    public int size() {
      return values.length;
    }

    @Override
    public Labels at(int[] places) {
      return new Values(Arrays.stream(places).mapToObj(i -> values[i]).toArray(float[][]::new));
    }
  }
}
