package org.gpt2j.training.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.gpt2j.hub.DownloadListener;
import org.gpt2j.io.Printable;

/**
 * Shows downloads on the console: a bar for each file with rate and time left on a terminal, else a
 * line for each file, and for each tenth of a large one.
 */
final class DownloadBar implements DownloadListener {
  private static final int WIDTH = 30;
  private static final long REDRAW_NANOS = 100_000_000;
  private static final long LARGE = 10_000_000;

  private final PrintWriter out;
  private final boolean bar;
  private final LongSupplier clock;
  private String file = "";
  private long start;
  private long startBytes;
  private long lastDrawn;
  private long lastDone;
  private boolean lineOpen;
  private int width;

  /**
   * @param bar whether the output is a terminal
   */
  DownloadBar(PrintWriter out, boolean bar) {
    this(out, bar, System::nanoTime);
  }

  /**
   * As above.
   *
   * @param clock nanoseconds
   */
  DownloadBar(PrintWriter out, boolean bar, LongSupplier clock) {
    this.out = out;
    this.bar = bar;
    this.clock = clock;
  }

  @Override
  public synchronized void note(String sentence) {
    if (lineOpen) {
      out.println();
      lineOpen = false;
      width = 0;
    }
    out.println(Printable.line(sentence));
    out.flush();
  }

  @Override
  public synchronized void progress(String name, long done, long total) {
    long now = clock.getAsLong();
    if (!name.equals(file) || done < lastDone) {
      file = name;
      start = now;
      startBytes = done;
      lastDrawn = now - REDRAW_NANOS;
      lastDone = done;
    }
    boolean finished = done == total;
    if (bar && (finished || now - lastDrawn >= REDRAW_NANOS)) {
      lastDrawn = now;
      draw(done, total, now);
      if (finished) {
        out.println();
        width = 0;
      }
      lineOpen = !finished;
      out.flush();
    } else if (!bar && (finished || total >= LARGE && 10 * done / total > 10 * lastDone / total)) {
      out.println(file + ": " + text(done, total, now));
      out.flush();
    }
    lastDone = done;
  }

  private void draw(long done, long total, long now) {
    int filled = total == 0 ? WIDTH : (int) (WIDTH * done / total);
    String line =
        "["
            + "=".repeat(filled)
            + " ".repeat(WIDTH - filled)
            + "] "
            + file
            + "  "
            + text(done, total, now);
    // Blanks over what is left of a longer one.
    out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
    width = line.length();
  }

  /** Bytes, and, once that means something, rate and time left. */
  private String text(long done, long total, long now) {
    String bytes = done == total ? bytes(total) : bytes(done) + " of " + bytes(total);
    double seconds = (now - start) / 1e9;
    if (done == startBytes || seconds < 0.5) {
      return bytes;
    }
    double rate = (done - startBytes) / seconds;
    String text = bytes + "  " + bytes(Math.round(rate)) + "/s";
    if (done == total) {
      return text;
    }
    long left = Math.round((total - done) / rate);
    return text + String.format(Locale.ROOT, "  %d:%02d left", left / 60, left % 60);
  }

  /** In decimal units, as disks and networks are measured. */
  private static String bytes(long n) {
    if (n < 1_000) {
      return n + " B";
    }
    return n < 1_000_000
        ? String.format(Locale.ROOT, "%.1f kB", n / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", n / 1e6);
  }
}
