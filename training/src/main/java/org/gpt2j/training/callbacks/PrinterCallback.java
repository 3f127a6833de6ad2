package org.gpt2j.training.callbacks;

import java.io.PrintWriter;
import java.util.Map;
import org.gpt2j.training.TrainerCallback;
import org.gpt2j.training.TrainerControl;
import org.gpt2j.training.TrainerState;
import org.gpt2j.training.TrainingArguments;

/** Prints each row of the log as it is, for programs and files; people want ProgressCallback. */
public final class PrinterCallback implements TrainerCallback {
  private final PrintWriter out;

  public PrinterCallback(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void onLog(
      TrainingArguments args,
      TrainerState state,
      TrainerControl control,
      Map<String, Double> logs) {
    out.println(logs);
    out.flush();
  }
}
