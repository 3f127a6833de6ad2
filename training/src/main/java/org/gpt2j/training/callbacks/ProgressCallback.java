package org.gpt2j.training.callbacks;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import org.gpt2j.training.TrainerCallback;
import org.gpt2j.training.TrainerControl;
import org.gpt2j.training.TrainerState;
import org.gpt2j.training.TrainingArguments;

/**
 * Shows a training on the console: a bar with rate and time left on a terminal, else a line per row
 * of the log.
 */
public final class ProgressCallback implements TrainerCallback {
  private static final int WIDTH = 30;
  private static final long REDRAW_NANOS = 100_000_000;

  private final PrintWriter out;
  private final boolean bar;
  private long start;
  private long lastDrawn;
  private int first;
  private long firstTokens;

  /**
   * @param bar whether the output is a terminal
   */
  public ProgressCallback(PrintWriter out, boolean bar) {
    this.out = out;
    this.bar = bar;
  }

  @Override
  public void onTrainBegin(TrainingArguments args, TrainerState state, TrainerControl control) {
    first = state.globalStep();
    firstTokens = state.numInputTokensSeen();
    start = System.nanoTime();
  }

  @Override
  public void onStepEnd(TrainingArguments args, TrainerState state, TrainerControl control) {
    long now = System.nanoTime();
    if (bar && (now - lastDrawn > REDRAW_NANOS || state.globalStep() == state.maxSteps())) {
      lastDrawn = now;
      int done = WIDTH * state.globalStep() / state.maxSteps();
      out.print(
          "\r["
              + "=".repeat(done)
              + " ".repeat(WIDTH - done)
              + "] "
              + progress(state)
              + " ".repeat(8));
      out.flush();
    }
  }

  private String progress(TrainerState state) {
    double seconds = Math.max(1, System.nanoTime() - start) / 1e9;
    // Of this process: a resumed training begins in the middle.
    int steps = Math.max(1, state.globalStep() - first);
    double left = seconds / steps * (state.maxSteps() - state.globalStep());
    return String.format(
        Locale.ROOT,
        "step %d/%d  %.0f tokens/s  %d:%02d left",
        state.globalStep(),
        state.maxSteps(),
        (state.numInputTokensSeen() - firstTokens) / seconds,
        (long) left / 60,
        (long) left % 60);
  }

  @Override
  public void onLog(
      TrainingArguments args,
      TrainerState state,
      TrainerControl control,
      Map<String, Double> logs) {
    StringBuilder line = new StringBuilder(bar ? "\r" : "");
    line.append(progress(state));
    logs.forEach(
        (key, value) -> {
          if (!key.equals("step")) {
            line.append("  ").append(key).append(' ').append(format(value));
          }
        });
    out.println(line);
    out.flush();
  }

  private static String format(double value) {
    double size = Math.abs(value);
    boolean plain = value == 0 || size >= 1e-3 && size < 1e6;
    return String.format(Locale.ROOT, plain ? "%.4f" : "%.3g", value);
  }
}
