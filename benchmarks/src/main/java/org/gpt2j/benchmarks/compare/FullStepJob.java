package org.gpt2j.benchmarks.compare;

import java.io.IOException;
import java.util.List;
import org.gpt2j.benchmarks.TrainingStep;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.nn.PackedBatch;

/** Steps that train every weight of the language model, an item a step. */
final class FullStepJob implements Job {
  private final Gpt2LMHeadModel model;
  private final TrainingStep training;
  private final List<PackedBatch> batches;

  FullStepJob(Inputs inputs) throws IOException {
    model = Gpt2LMHeadModel.fromPretrained(inputs.model());
    training = new TrainingStep(model);
    batches = inputs.fullSteps();
  }

  @Override
  public int items() {
    return batches.size();
  }

  @Override
  public void run(int item) {
    PackedBatch batch = batches.get(item);
    training.step(batch, Gpt2LMHeadModel.nextTokenLabels(batch));
  }

  /** Loss of the first batch. */
  @Override
  public double[] check() {
    PackedBatch first = batches.get(0);
    return new double[] {model.loss(first, Gpt2LMHeadModel.nextTokenLabels(first))};
  }
}
