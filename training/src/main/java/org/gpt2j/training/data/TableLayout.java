package org.gpt2j.training.data;

import java.nio.charset.Charset;
import java.util.List;

/**
 * How a table is read: what its {@link TableFormat} says and what was found out.
 *
 * @param kind what its rows are
 * @param encoding of its characters
 * @param delimiter between fields; {@link TableFormat#NO_QUOTE} where a row is one field
 * @param quote around fields; {@link TableFormat#NO_QUOTE} where quotes are ordinary characters
 * @param header the names of the columns as they stand in the first row; empty where there are none
 * @param labelColumn counted from 0; -1 where labels are not wanted
 * @param textColumn counted from 0
 * @param found what is unusual about it, in one line for the user; empty for UTF-8 with commas or
 *     tabs
 */
public record TableLayout(
    Kind kind,
    Charset encoding,
    char delimiter,
    char quote,
    List<String> header,
    int labelColumn,
    int textColumn,
    String found) {

  /** What the rows of a table are. */
  public enum Kind {
    /** Fields under a header or without one. */
    TABLE,
    /** The UCI format: a label, a tab and a text, which is all that is left of the line. */
    COLLECTION,
    /** Texts, one a line. */
    LINES
  }

  /** Copies the list. */
  public TableLayout {
    header = List.copyOf(header);
  }
}
