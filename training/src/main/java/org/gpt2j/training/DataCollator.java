package org.gpt2j.training;

import org.gpt2j.nn.Labels;
import org.gpt2j.nn.PackedBatch;

/** Makes the model's input of some examples. */
@FunctionalInterface
public interface DataCollator {
  /** Packs the examples end to end, with the labels that the data gives. */
  DataCollator PACKING =
      (data, indices) -> {
        PackedBatch batch = data.batch(indices);
        return new Batch(batch, data.targets(batch, indices));
      };

  /**
   * @param indices numbers of the examples
   */
  Batch collate(TrainingData data, int[] indices);

  /**
   * A model's input.
   *
   * @param inputs token ids
   * @param targets labels as the model takes them
   */
  record Batch(PackedBatch inputs, Labels targets) {
    /**
     * A batch whose labels are class indices.
     *
     * @param inputs token ids
     * @param labels as the model takes them
     */
    public Batch(PackedBatch inputs, int[] labels) {
      this(inputs, new Labels.Ids(labels));
    }

    /**
     * The labels.
     *
     * @throws IllegalArgumentException if they are numbers
     */
    public int[] labels() {
      return targets.ids();
    }
  }
}
