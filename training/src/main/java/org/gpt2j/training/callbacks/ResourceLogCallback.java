package org.gpt2j.training.callbacks;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.gpt2j.training.TrainerCallback;
import org.gpt2j.training.TrainerControl;
import org.gpt2j.training.TrainerState;
import org.gpt2j.training.TrainingArguments;

/**
 * Prints with each row of the log what the process takes: heap in use, resident memory besides the
 * JVM's heap (ND4J's arrays, mapped weights, code), resident memory of the whole process, and
 * tokens trained on a second since the row before. Not part of the log history, which is the same
 * on every machine.
 */
public final class ResourceLogCallback implements TrainerCallback {
  private final PrintWriter out;
  private long lastTime;
  private long lastTokens;

  public ResourceLogCallback(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void onTrainBegin(TrainingArguments args, TrainerState state, TrainerControl control) {
    lastTime = System.nanoTime();
    lastTokens = state.numInputTokensSeen();
  }

  @Override
  public void onLog(
      TrainingArguments args,
      TrainerState state,
      TrainerControl control,
      Map<String, Double> logs) {
    long now = System.nanoTime();
    double seconds = Math.max(1, now - lastTime) / 1e9;
    Runtime runtime = Runtime.getRuntime();
    long resident = Pointer.physicalBytes();
    out.printf(
        Locale.ROOT,
        "step %d  heap %d MB  off-heap %d MB  process %d MB  %.0f tokens/s%n",
        state.globalStep(),
        megabytes(runtime.totalMemory() - runtime.freeMemory()),
        megabytes(Math.max(0, resident - runtime.totalMemory())),
        megabytes(resident),
        (state.numInputTokensSeen() - lastTokens) / seconds);
    out.flush();
    lastTime = now;
    lastTokens = state.numInputTokensSeen();
  }

  private static long megabytes(long bytes) {
    return bytes / 1_000_000;
  }
}
