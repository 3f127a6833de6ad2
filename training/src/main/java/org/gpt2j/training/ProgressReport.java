package org.gpt2j.training;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/**
 * Shows a training on the console: a bar with rate and time left on a terminal, else a line per row
 * of the log.
 */
public final class ProgressReport implements TrainerCallback {
  private static final int WIDTH = 30;
  private static final long REDRAW_NANOS = 100_000_000;

  private final PrintWriter out;
  private final boolean bar;
  private long start;
  private long lastDrawn;
  private long tokens;

  /**
   * @param bar whether the output is a terminal
   */
  public ProgressReport(PrintWriter out, boolean bar) {
    this.out = out;
    this.bar = bar;
  }

  @Override
  public void onTrainBegin(TrainerState state) {
    start = System.nanoTime();
  }

  @Override
  public void onStepEnd(TrainerState state, int stepTokens) {
    tokens += stepTokens;
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
    int steps = Math.max(1, state.globalStep());
    double left = seconds / steps * (state.maxSteps() - state.globalStep());
    return String.format(
        Locale.ROOT,
        "step %d/%d  %.0f tokens/s  %d:%02d left",
        state.globalStep(),
        state.maxSteps(),
        tokens / seconds,
        (long) left / 60,
        (long) left % 60);
  }

  @Override
  public void onLog(TrainerState state, Map<String, Double> logs) {
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
