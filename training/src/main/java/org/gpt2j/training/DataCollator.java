package org.gpt2j.training;

import org.gpt2j.nn.PackedBatch;

/** Makes the model's input of some examples. */
@FunctionalInterface
public interface DataCollator {
  /** Packs the examples end to end, with the labels that the data gives. */
  DataCollator PACKING =
      (data, indices) -> {
        PackedBatch batch = data.batch(indices);
        return new Batch(batch, data.labels(batch, indices));
      };

  /**
   * @param indices numbers of the examples
   */
  Batch collate(TrainingData data, int[] indices);

  /**
   * A model's input.
   *
   * @param inputs token ids
   * @param labels as the model takes them
   */
  record Batch(PackedBatch inputs, int[] labels) {}
}
