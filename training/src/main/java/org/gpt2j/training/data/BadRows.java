package org.gpt2j.training.data;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects the broken rows of a file; few enough of them are skipped with a warning each. */
public final class BadRows {
  private static final int MAX_SHOWN = 10;

  private final String file;
  private final int limit;
  private final List<String> shown = new ArrayList<>();
  private int count;

  /**
   * Counts bad rows, none yet.
   *
   * @param file its name, for errors and warnings
   * @param limit how many are skipped at most, see {@link #report}
   */
  public BadRows(String file, int limit) {
    this.file = file;
    this.limit = limit;
  }

  /**
   * Counts one.
   *
   * @param line where the row begins, 1 for the first line of the file
   * @param problem what is wrong with it, in words such as "expected 2 columns, found 1"
   */
  public void add(long line, String problem) {
    if (count < MAX_SHOWN) {
      shown.add("line " + line + ": " + problem);
    }
    count++;
  }

  /** Whether there are more than the limit, so that the file can be refused before its end. */
  public boolean areTooMany() {
    return count > limit;
  }

  /**
   * To be called at the end of the file.
   *
   * @param warnings gets a line for each bad row, ten at most, and how many there are
   * @throws DataFileException if there are more bad rows than the limit
   */
  public void report(PrintWriter warnings) throws DataFileException {
    if (areTooMany()) {
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
