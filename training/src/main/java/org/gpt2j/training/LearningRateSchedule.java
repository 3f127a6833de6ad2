package org.gpt2j.training;

/** The learning rate over the steps of a training, as a factor of the peak. */
@FunctionalInterface
public interface LearningRateSchedule {
  /**
   * Factor of the peak learning rate.
   *
   * @param step optimizer steps done before this one
   * @param warmup steps of linear warm-up
   * @param total steps of the whole training
   */
  double factor(long step, long warmup, long total);
}
