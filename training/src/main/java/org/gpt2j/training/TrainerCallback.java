package org.gpt2j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;

/**
 * Looks on a training and may steer it by the control's flags; transformers' events by their names.
 * Callbacks are called in the order in which they were given, on the thread that trains; all
 * methods do nothing by default. What one throws ends the training.
 */
public interface TrainerCallback {
  /** The trainer is made. */
  default void onInitEnd(TrainingArguments args, TrainerState state, TrainerControl control) {}

  /** Before the first step; where a training is resumed, the state is that of the checkpoint. */
  default void onTrainBegin(TrainingArguments args, TrainerState state, TrainerControl control)
      throws IOException {}

  /** After the last step; the best weights are in the model if asked for. */
  default void onTrainEnd(TrainingArguments args, TrainerState state, TrainerControl control)
      throws IOException {}

  default void onEpochBegin(TrainingArguments args, TrainerState state, TrainerControl control) {}

  default void onEpochEnd(TrainingArguments args, TrainerState state, TrainerControl control) {}

  /** Before the first batch of an optimizer step. */
  default void onStepBegin(TrainingArguments args, TrainerState state, TrainerControl control) {}

  /** After a batch whose gradients are only accumulated. */
  default void onSubstepEnd(TrainingArguments args, TrainerState state, TrainerControl control) {}

  /** The gradients are there, with their norm measured; they are clipped as they are used. */
  default void onPreOptimizerStep(
      TrainingArguments args, TrainerState state, TrainerControl control) {}

  /** The weights are new, the step is not counted yet. */
  default void onOptimizerStep(
      TrainingArguments args, TrainerState state, TrainerControl control) {}

  /** After an optimizer step, before what is due is logged, evaluated and saved. */
  default void onStepEnd(TrainingArguments args, TrainerState state, TrainerControl control) {}

  /** After an evaluation, whose row is logged already. */
  default void onEvaluate(
      TrainingArguments args,
      TrainerState state,
      TrainerControl control,
      Map<String, Double> metrics)
      throws IOException {}

  /** After {@link Trainer#predict}. */
  default void onPredict(
      TrainingArguments args,
      TrainerState state,
      TrainerControl control,
      Map<String, Double> metrics) {}

  /** After each batch of an evaluation or a prediction. */
  default void onPredictionStep(
      TrainingArguments args, TrainerState state, TrainerControl control) {}

  /** A checkpoint is whole on disk. */
  default void onSave(TrainingArguments args, TrainerState state, TrainerControl control) {}

  /** A row was added to the log history. */
  default void onLog(
      TrainingArguments args, TrainerState state, TrainerControl control, Map<String, Double> logs)
      throws IOException {}

  /**
   * {@link Trainer#interrupt} was called: the step is finished, its checkpoint saved, and training
   * ends. (Not an event of transformers.)
   */
  default void onInterrupt(TrainingArguments args, TrainerState state, TrainerControl control) {}

  /**
   * What a checkpoint must keep so that a resumed training goes on the same, under {@code
   * stateful_callbacks} in trainer_state.json with the class's simple name; null for nothing.
   */
  default ObjectNode state() {
    return null;
  }

  /** Takes up what {@link #state} gave. */
  default void restore(JsonNode state) {}
}
