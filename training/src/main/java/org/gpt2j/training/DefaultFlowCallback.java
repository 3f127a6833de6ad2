package org.gpt2j.training;

/**
 * Turns the arguments' strategies into the control's flags, as transformers' class of this name
 * does; every trainer has one, first in the chain.
 */
final class DefaultFlowCallback implements TrainerCallback {
  @Override
  public void onStepEnd(TrainingArguments args, TrainerState state, TrainerControl control) {
    int step = state.globalStep();
    if (step == 1 && args.loggingFirstStep()) {
      control.setShouldLog(true);
    }
    if (args.loggingStrategy() == IntervalStrategy.STEPS && step % args.loggingSteps() == 0) {
      control.setShouldLog(true);
    }
    if (args.evalStrategy() == IntervalStrategy.STEPS && step % args.evalSteps() == 0) {
      control.setShouldEvaluate(true);
    }
    if (args.saveStrategy() == IntervalStrategy.STEPS && step % args.saveSteps() == 0) {
      control.setShouldSave(true);
    }
    if (step >= state.maxSteps()) {
      control.setShouldTrainingStop(true);
      // What goes by steps is done at the end, too, though not twice.
      if (args.evalStrategy() == IntervalStrategy.STEPS) {
        control.setShouldEvaluate(true);
      }
      if (args.saveStrategy() == IntervalStrategy.STEPS) {
        control.setShouldSave(true);
      }
    }
  }

  @Override
  public void onEpochEnd(TrainingArguments args, TrainerState state, TrainerControl control) {
    if (args.loggingStrategy() == IntervalStrategy.EPOCH) {
      control.setShouldLog(true);
    }
    if (args.evalStrategy() == IntervalStrategy.EPOCH) {
      control.setShouldEvaluate(true);
    }
    if (args.saveStrategy() == IntervalStrategy.EPOCH) {
      control.setShouldSave(true);
    }
  }
}
