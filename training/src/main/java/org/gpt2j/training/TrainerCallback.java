package org.gpt2j.training;

import java.util.Map;

/**
 * What a training tells while it runs, with transformers' event names; all do nothing by default.
 */
public interface TrainerCallback {
  default void onTrainBegin(TrainerState state) {}

  /** After each optimizer step; tokens counts those of the step. */
  default void onStepEnd(TrainerState state, int tokens) {}

  /** A row was added to the log history. */
  default void onLog(TrainerState state, Map<String, Double> logs) {}

  default void onTrainEnd(TrainerState state) {}
}
