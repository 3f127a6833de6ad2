package org.gpt2j.training;

import java.util.ArrayList;
import java.util.List;
import org.gpt2j.nn.Labels;
import org.gpt2j.nn.PackedBatch;

/** Examples by number, and the labels of a batch of them. */
public interface TrainingData {
  int size();

  /** Token ids of one example, at least one. */
  int[] inputIds(int index);

  /**
   * Examples of each stage, in the order of their numbers, {@link #size} together: an epoch goes
   * through one stage after the other and shuffles within each (a curriculum). One stage unless
   * said otherwise.
   */
  default int[] stages() {
    return new int[] {size()};
  }

  /**
   * Labels as the model takes them, where they are class indices.
   *
   * @param batch the examples, packed
   * @param indices their numbers
   * @throws IllegalArgumentException if they are numbers
   */
  int[] labels(PackedBatch batch, int[] indices);

  /**
   * Labels as the model takes them, of any kind; where they are numbers there are no {@link
   * #labels}.
   *
   * @param batch the examples, packed
   * @param indices their numbers
   */
  default Labels targets(PackedBatch batch, int[] indices) {
    return new Labels.Ids(labels(batch, indices));
  }

  /** Packs some examples. */
  default PackedBatch batch(int[] indices) {
    List<int[]> sequences = new ArrayList<>();
    for (int i : indices) {
      sequences.add(inputIds(i));
    }
    return PackedBatch.of(sequences);
  }
}
