package org.gpt2j.training;

import java.util.Locale;

/** Who else receives what is logged. */
public enum ReportTo {
  NONE,
  /** Event files that TensorBoard reads. */
  TENSORBOARD;

  /** The name in JSON, such as `tensorboard`. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
