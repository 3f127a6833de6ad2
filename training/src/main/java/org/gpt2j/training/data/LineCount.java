package org.gpt2j.training.data;

/** Counts the lines of a text whose lines end in LF, CRLF or CR alone. */
final class LineCount {
  private long line = 1;
  private boolean afterReturn;

  /** Goes over a character. */
  void add(char c) {
    if (c == '\r' || c == '\n' && !afterReturn) {
      line++;
    }
    afterReturn = c == '\r';
  }

  /** The line of the next character, 1 for the first. */
  long line() {
    return line;
  }

  /** Goes to the start of a line. */
  void goTo(long start) {
    line = start;
    afterReturn = false;
  }
}
