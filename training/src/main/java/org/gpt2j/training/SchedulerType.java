package org.gpt2j.training;

import java.util.Locale;

/**
 * Learning rate schedules with the names and formulas of transformers (optimization.py). The factor
 * of the first optimizer step is {@code factor(0, ...)}: 0 where there is a warm-up.
 */
public enum SchedulerType implements LearningRateSchedule {
  LINEAR {
    @Override
    double afterWarmup(long step, long warmup, long total) {
      return Math.max(0, (double) (total - step) / Math.max(1, total - warmup));
    }
  },
  COSINE {
    @Override
    double afterWarmup(long step, long warmup, long total) {
      double progress = (double) (step - warmup) / Math.max(1, total - warmup);
      return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * 2 * 0.5 * progress)));
    }
  },
  CONSTANT {
    @Override
    public double factor(long step, long warmup, long total) {
      return 1;
    }

    @Override
    double afterWarmup(long step, long warmup, long total) {
      return 1;
    }
  },
  CONSTANT_WITH_WARMUP {
    @Override
    double afterWarmup(long step, long warmup, long total) {
      return 1;
    }
  };

  abstract double afterWarmup(long step, long warmup, long total);

  @Override
  public double factor(long step, long warmup, long total) {
    return step < warmup ? (double) step / Math.max(1, warmup) : afterWarmup(step, warmup, total);
  }

  /** The name in transformers, such as `constant_with_warmup`. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
