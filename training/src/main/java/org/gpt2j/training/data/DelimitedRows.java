package org.gpt2j.training.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * The rows of delimited text one by one, as the C parser of {@code pandas.read_csv} reads them
 * (pandas/_libs/src/parser/tokenizer.c): a field that begins with a quote runs to the closing one,
 * over delimiters and line ends; what follows the closing quote joins the field; anywhere else a
 * quote is an ordinary character; two quotes stand for one inside a quoted field. A row ends with
 * LF, CRLF or CR. Blank lines are left out.
 *
 * <p>Unlike pandas, which then refuses the file, a row with an open quote ends with its line.
 */
final class DelimitedRows implements Closeable {
  /** In place of a delimiter or a quote: there is none. Texts with this character are refused. */
  static final char NONE = '\0';

  /** In place of a number of columns: a row has as many as there are delimiters in it. */
  static final int ALL_COLUMNS = Integer.MAX_VALUE;

  static final String OPEN_QUOTE = "bad quoting: a quote is not closed";

  /** Characters of a row: the longest mails of public collections have 17 million. */
  private static final int MAX_ROW = 1 << 25;

  /** As many as Excel has. */
  private static final int MAX_COLUMNS = 1 << 14;

  private static final String TOO_LONG =
      String.format(Locale.ROOT, "expected at most %,d characters in a row, found more", MAX_ROW);

  private static final int END = -1;

  /**
   * One row.
   *
   * @param line where it begins, 1 for the first line of the text
   * @param fields empty where there is a problem
   * @param problem what is wrong with the row; null for a good one
   * @param loose whether a quote is open, or text follows a closing one
   * @param needed whether a field holds what it needs its quotes for: a delimiter, a line end or a
   *     quote
   * @param quoted how many fields are quoted
   */
  record Row(
      long line, List<String> fields, String problem, boolean loose, boolean needed, int quoted) {}

  private final Reader reader;
  private final char delimiter;
  private final char quote;
  private final int columns;
  private final boolean exact;
  private final LineCount lines = new LineCount();
  private final char[] buffer = new char[1 << 13];
  private int position;
  private int limit;

  /** Read again before the buffer: the lines after one with an open quote. */
  private String again = "";

  private int againPosition;

  /** What was read since the first line end in an open quote; null outside of one. */
  private StringBuilder behindLine;

  private long lineBehind;

  private StringBuilder field = new StringBuilder();
  private List<String> fields;
  private boolean quoted;
  private boolean loose;
  private boolean needed;
  private int quotedFields;
  private long size;

  /**
   * @param delimiter between the fields; {@link #NONE} where a line is one field
   * @param quote around a field; {@link #NONE} where quotes are ordinary characters
   * @param columns how many fields there are at most: the last one holds all that is left of the
   *     line
   * @param exact whether quotes are read as pandas does in every case. Else a quote that stands
   *     where one opens, in a later line, closes none: {@code a,"b} above {@code c,"d"} is a row
   *     with an open quote
   */
  DelimitedRows(Reader reader, char delimiter, char quote, int columns, boolean exact) {
    this.reader = reader;
    this.delimiter = delimiter;
    this.quote = quote;
    this.columns = columns;
    this.exact = exact;
  }

  /** The next row; null after the last one. */
  Row next() throws IOException {
    while (peek() != END) {
      long line = lines.line();
      fields = new ArrayList<>();
      loose = false;
      needed = false;
      quotedFields = 0;
      size = 0;
      String problem = readRow();
      if (problem != null) {
        return new Row(line, List.of(), problem, loose, needed, quotedFields);
      }
      if (fields.size() > 1 || quoted || !fields.get(0).isBlank()) {
        List<String> row = Collections.unmodifiableList(fields);
        return new Row(line, row, null, loose, needed, quotedFields);
      }
    }
    return null;
  }

  /** Reads to the end of a row; says what is wrong with it, null if nothing is. */
  private String readRow() throws IOException {
    while (true) {
      field.setLength(0);
      quoted = quote != NONE && peek() == quote;
      if (quoted) {
        take();
        quotedFields++;
        String problem = readQuoted();
        if (problem != null) {
          return problem;
        }
      }
      int c = take();
      for (; c != END && c != '\n' && c != '\r' && !isDelimiter(c); c = take()) {
        loose |= quoted;
        field.append((char) c);
        if (++size > MAX_ROW) {
          skipLine();
          return TOO_LONG;
        }
      }
      fields.add(field.toString());
      if (c == '\r' && peek() == '\n') {
        take();
      }
      if (c == END || c == '\n' || c == '\r') {
        return null;
      }
      if (fields.size() == MAX_COLUMNS) {
        skipLine();
        return "expected at most " + MAX_COLUMNS + " columns, found more";
      }
    }
  }

  private boolean isDelimiter(int c) {
    return c == delimiter && fields.size() + 1 < columns;
  }

  /** Reads what is behind an opening quote, and the closing one. */
  private String readQuoted() throws IOException {
    int before = quote;
    for (int c = take(); c != END; before = c, c = take()) {
      if (c == quote) {
        if (peek() != quote) {
          if (!exact && behindLine != null && opens(before)) {
            break;
          }
          behindLine = null;
          return null;
        }
        take();
      }
      needed |= c == quote || c == delimiter || c == '\n' || c == '\r';
      field.append((char) c);
      if (++size > MAX_ROW) {
        endOpenQuote();
        return TOO_LONG + "; is a quote not closed?";
      }
      if (behindLine == null && (c == '\n' || c == '\r' && peek() != '\n')) {
        behindLine = new StringBuilder();
        lineBehind = lines.line();
      }
    }
    endOpenQuote();
    return OPEN_QUOTE;
  }

  /** Whether a quote that was just taken stands before a field and behind another. */
  private boolean opens(int before) throws IOException {
    int next = peek();
    boolean first = before == delimiter || before == '\n' || before == '\r';
    return first && next != END && next != delimiter && next != '\n' && next != '\r';
  }

  /** Goes to the line after the one in which the quote was opened. */
  private void endOpenQuote() throws IOException {
    loose = true;
    field = new StringBuilder();
    if (behindLine == null) {
      skipLine();
      return;
    }
    lines.goTo(lineBehind);
    again = behindLine.append(again, againPosition, again.length()).toString();
    againPosition = 0;
    behindLine = null;
  }

  private void skipLine() throws IOException {
    int c = take();
    while (c != END && c != '\n' && c != '\r') {
      c = take();
    }
    if (c == '\r' && peek() == '\n') {
      take();
    }
  }

  private int take() throws IOException {
    int c = peek();
    if (c == END) {
      return END;
    }
    if (againPosition < again.length()) {
      againPosition++;
    } else {
      again = "";
      againPosition = 0;
      position++;
    }
    lines.add((char) c);
    if (behindLine != null) {
      behindLine.append((char) c);
    }
    return c;
  }

  private int peek() throws IOException {
    if (againPosition < again.length()) {
      return again.charAt(againPosition);
    }
    if (position == limit) {
      position = 0;
      limit = Math.max(0, reader.read(buffer, 0, buffer.length));
    }
    return position < limit ? buffer[position] : END;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
