package org.gpt2j.training.report;

import java.nio.file.Path;
import org.gpt2j.training.TrainerCallback;

/** stub */
public final class TensorBoardCallback implements TrainerCallback {
  /** stub */
  public TensorBoardCallback(Path dir) {}
}
