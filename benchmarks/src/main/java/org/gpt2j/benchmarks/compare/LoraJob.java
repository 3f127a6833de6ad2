package org.gpt2j.benchmarks.compare;

import java.io.IOException;
import java.util.List;
import org.gpt2j.benchmarks.LabeledBatch;
import org.gpt2j.benchmarks.TrainingStep;
import org.gpt2j.model.Gpt2ForSequenceClassification;

/** Steps of the LoRA recipe, an item a step. */
final class LoraJob implements Job {
  private final Gpt2ForSequenceClassification model;
  private final TrainingStep training;
  private final List<LabeledBatch> batches;

  LoraJob(Inputs inputs, String order) throws IOException {
    model = Gpt2ForSequenceClassification.fromPretrained(inputs.model());
    training = TrainingStep.lora(model);
    batches = inputs.lora(order);
  }

  @Override
  public int items() {
    return batches.size();
  }

  @Override
  public void run(int item) {
    training.step(batches.get(item).batch(), batches.get(item).labels());
  }

  /** Loss of the first batch; fresh adapters change nothing yet. */
  @Override
  public double[] check() {
    LabeledBatch first = batches.get(0);
    double loss = model.forwardBackward(first.batch(), first.labels(), 1);
    return new double[] {loss};
  }
}
