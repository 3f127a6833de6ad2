package org.gpt2j.training.data;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects the broken rows of a file; few enough of them are skipped with a warning each. */
final class BadRows {
  private static final int MAX_SHOWN = 10;

  private final String file;
  private final int limit;
  private final List<String> shown = new ArrayList<>();
  private int count;

  /** Counts the bad rows and skips up to a limit, see {@link #report}. */
  BadRows(String file, int limit) {
    this.file = file;
    this.limit = limit;
  }

  /**
   * @param line where the row begins, 1 for the first line of the file
   */
  void add(long line, String problem) {
    if (count < MAX_SHOWN) {
      shown.add("line " + line + ": " + problem);
    }
    count++;
  }

  /**
   * To be called at the end of the file.
   *
   * @throws DataFileException if there are more bad rows than the limit
   */
  void report(PrintWriter warnings) throws DataFileException {
    if (count > limit) {
      throw new DataFileException(
          file,
          String.format(
              Locale.ROOT,
              "expected at most %d bad rows (--max-bad-rows), found %d, the first in %s",
              limit,
              count,
              shown.get(0)));
    }
    shown.forEach(row -> warnings.println("warning: " + file + ": " + row + "; skipped"));
    if (count > MAX_SHOWN) {
      warnings.printf(
          Locale.ROOT,
          "warning: %s: %d more bad rows skipped, %d in all%n",
          file,
          count - MAX_SHOWN,
          count);
    }
    warnings.flush();
  }
}
