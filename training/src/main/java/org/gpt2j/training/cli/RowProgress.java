package org.gpt2j.training.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how far a long table is: a bar with rate and time left on a terminal, else a line every
 * half minute.
 */
final class RowProgress {
  private static final int WIDTH = 30;
  private static final long REDRAW_NANOS = 100_000_000;
  private static final long LINE_NANOS = 30_000_000_000L;

  private final PrintWriter out;
  private final boolean bar;
  private final LongSupplier clock;
  private final long start;
  private long lastShown;
  private int width;

  /**
   * @param bar whether the output is a terminal
   */
  RowProgress(PrintWriter out, boolean bar) {
    this(out, bar, System::nanoTime);
  }

  /**
   * @param bar whether the output is a terminal
   * @param clock nanoseconds
   */
  RowProgress(PrintWriter out, boolean bar, LongSupplier clock) {
    this.out = out;
    this.bar = bar;
    this.clock = clock;
    this.start = clock.getAsLong();
    this.lastShown = start;
  }

  /**
   * Shows it, if some time has passed.
   *
   * @param rows that are done
   * @param part of the table that is done, 0 to 1
   */
  void show(long rows, double part) {
    long now = clock.getAsLong();
    if (now - lastShown < (bar ? REDRAW_NANOS : LINE_NANOS)) {
      return;
    }
    lastShown = now;
    double seconds = (now - start) / 1e9;
    long left = part == 0 ? 0 : Math.round(seconds / part * (1 - part));
    String text =
        String.format(
            Locale.ROOT,
            "%,d rows  %.0f rows/s  %d:%02d left",
            rows,
            rows / seconds,
            left / 60,
            left % 60);
    if (!bar) {
      out.println(text);
      out.flush();
      return;
    }
    int done = (int) (WIDTH * part);
    String line = "[" + "=".repeat(done) + " ".repeat(WIDTH - done) + "] " + text;
    // Blanks over what is left of a longer one.
    out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
    width = line.length();
    out.flush();
  }

  /** Takes the bar away, so that a line can be written. */
  void end() {
    if (width > 0) {
      out.print("\r" + " ".repeat(width) + "\r");
      out.flush();
      width = 0;
    }
  }
}
