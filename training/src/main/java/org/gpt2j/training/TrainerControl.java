package org.gpt2j.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.gpt2j.io.JsonFile;

/**
 * What the loop does next: transformers' TrainerControl. Callbacks set the flags, the loop acts on
 * them and takes them back.
 */
public final class TrainerControl {
  private boolean shouldTrainingStop;
  private boolean shouldEpochStop;
  private boolean shouldSave;
  private boolean shouldEvaluate;
  private boolean shouldLog;

  /** Ends the training after this step. */
  public boolean shouldTrainingStop() {
    return shouldTrainingStop;
  }

  public void setShouldTrainingStop(boolean value) {
    shouldTrainingStop = value;
  }

  /** Ends the epoch after this step. */
  public boolean shouldEpochStop() {
    return shouldEpochStop;
  }

  public void setShouldEpochStop(boolean value) {
    shouldEpochStop = value;
  }

  /** Writes a checkpoint after this step or epoch. */
  public boolean shouldSave() {
    return shouldSave;
  }

  public void setShouldSave(boolean value) {
    shouldSave = value;
  }

  /** Evaluates after this step or epoch. */
  public boolean shouldEvaluate() {
    return shouldEvaluate;
  }

  public void setShouldEvaluate(boolean value) {
    shouldEvaluate = value;
  }

  /** Logs the loss after this step or epoch. */
  public boolean shouldLog() {
    return shouldLog;
  }

  public void setShouldLog(boolean value) {
    shouldLog = value;
  }

  void newTraining() {
    shouldTrainingStop = false;
  }

  void newEpoch() {
    shouldEpochStop = false;
  }

  void newStep() {
    shouldSave = false;
    shouldEvaluate = false;
    shouldLog = false;
  }

  /** As it stands in trainer_state.json. */
  ObjectNode toJson() {
    ObjectNode json = JsonFile.parse("{}");
    json.putObject("args")
        .put("should_training_stop", shouldTrainingStop)
        .put("should_epoch_stop", shouldEpochStop)
        .put("should_save", shouldSave)
        .put("should_evaluate", shouldEvaluate)
        .put("should_log", shouldLog);
    json.putObject("attributes");
    return json;
  }
}
