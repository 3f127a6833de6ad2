package org.gpt2j.training;

import java.util.Locale;

/** When to log, to evaluate or to save, by transformers' names. */
public enum IntervalStrategy {
  NO,
  /** Every so many optimizer steps. */
  STEPS,
  /** At the end of each epoch. */
  EPOCH,
  /** Saves only: after an evaluation that is better than all before. */
  BEST;

  /** The name in JSON, such as `steps`. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
