package org.gpt2j.training.data;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Collects the broken rows of a file; few enough of them are skipped with a warning each. */
final class BadRows {
  private static final int MAX_SHOWN = 10;

  private final Path file;
  private final int limit;
  private final List<String> shown = new ArrayList<>();
  private final boolean strict;
  private int count;

  private BadRows(Path file, int limit, boolean strict) {
    this.file = file;
    this.limit = limit;
    this.strict = strict;
  }

  /** Refuses the file at its first bad row. */
  static BadRows none(Path file) {
    return new BadRows(file, 0, true);
  }

  /** Counts the bad rows and skips up to a limit, see {@link #report}. */
  static BadRows upTo(Path file, int limit) {
    return new BadRows(file, limit, false);
  }

  /**
   * @param line where the row begins, 1 for the first line of the file
   */
  void add(long line, String problem) throws DataFileException {
    if (strict) {
      throw new DataFileException(file, "line " + line + ": " + problem);
    }
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
              "expected at most %s bad rows (--max-bad-rows), found %s, the first in %s",
              limit, count, shown.get(0)));
    }
    shown.forEach(row -> warnings.println("warning: " + file + ": " + row + "; skipped"));
    if (count > MAX_SHOWN) {
      warnings.printf(
          "warning: %s: %s more bad rows skipped, %s in all%n", file, count - MAX_SHOWN, count);
    }
    warnings.flush();
  }
}
