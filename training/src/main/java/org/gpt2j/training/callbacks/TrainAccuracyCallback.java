package org.gpt2j.training.callbacks;

import java.util.Map;
import org.gpt2j.training.Trainer;
import org.gpt2j.training.TrainerCallback;
import org.gpt2j.training.TrainerControl;
import org.gpt2j.training.TrainerState;
import org.gpt2j.training.TrainingArguments;

/**
 * Logs the accuracy on the training set as `train_accuracy` after every evaluation of a training,
 * in a row of its own. Added to its trainer by {@link Trainer#addCallback}.
 */
public final class TrainAccuracyCallback implements TrainerCallback {
  private final Trainer trainer;
  private boolean training;

  /**
   * @param trainer of a classifier
   */
  public TrainAccuracyCallback(Trainer trainer) {
    this.trainer = trainer;
  }

  @Override
  public void onTrainBegin(TrainingArguments args, TrainerState state, TrainerControl control) {
    training = true;
  }

  @Override
  public void onTrainEnd(TrainingArguments args, TrainerState state, TrainerControl control) {
    training = false;
  }

  @Override
  public void onEvaluate(
      TrainingArguments args,
      TrainerState state,
      TrainerControl control,
      Map<String, Double> metrics) {
    if (training) {
      Double accuracy = trainer.measure(trainer.trainData(), "train_").get("train_accuracy");
      if (accuracy != null) {
        trainer.log(Map.of("train_accuracy", accuracy));
      }
    }
  }
}
