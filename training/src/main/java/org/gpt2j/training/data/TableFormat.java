package org.gpt2j.training.data;

import java.nio.charset.Charset;
import java.util.regex.Pattern;

/**
 * What a user says about a table. What is left null is found out from the table itself: the
 * encoding from a byte order mark, from being UTF-8, else Windows-1252; delimiter, quote and header
 * from the first rows.
 *
 * @param labelColumn the name of the column with the labels, as in the header but for the case and
 *     space around it; or, in a table without a header, its number, counted from 1. Null for the
 *     first of label, category, class, target and v1 that the header has
 * @param textColumn the same for the texts; null for the first of text, message, sms, sentence,
 *     content and v2
 * @param noHeader whether the first row is one of data, whatever it looks like
 * @param delimiter what parts the fields of a row; null to find it among comma, tab, semicolon and
 *     the vertical bar
 * @param quote what stands around fields with a delimiter, a line end or a quote in them; {@link
 *     #NO_QUOTE} where quotes are ordinary characters; null for the double quote, or for the single
 *     one where the table cannot be read otherwise. A table parted by tabs, whose quotes do not fit
 *     together, has none
 * @param encoding how characters are encoded; bytes that are none are then refused
 */
public record TableFormat(
    String labelColumn,
    String textColumn,
    boolean noHeader,
    Character delimiter,
    Character quote,
    Charset encoding) {
  /** In place of a quote: quotes are ordinary characters. */
  public static final char NO_QUOTE = DelimitedRows.NONE;

  /** Everything is found out. */
  public static final TableFormat FOUND = new TableFormat(null, null, false, null, null, null);

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,6}");

  /**
   * @throws IllegalArgumentException if the delimiter or the quote is a line end or NUL, both are
   *     the same, or {@code noHeader} comes with the name of a column
   */
  public TableFormat {
    check("delimiter", delimiter, "\n\r\0\"");
    check("quote", quote, "\n\r");
    if (delimiter != null && delimiter.equals(quote)) {
      throw new IllegalArgumentException(
          "delimiter and quote: expected two different characters, found one");
    }
    for (String column : new String[] {labelColumn, textColumn}) {
      if (noHeader && column != null && !isNumber(column)) {
        throw new IllegalArgumentException(
            "no header: expected columns by their numbers, found '" + Excerpt.of(column) + "'");
      }
    }
  }

  private static void check(String what, Character c, String refused) {
    if (c != null && refused.indexOf(c) >= 0) {
      throw new IllegalArgumentException(
          what + ": expected a character that can stand in a line, found one that cannot");
    }
  }

  /**
   * The same, with these columns.
   *
   * @param label name or number of the column of labels, null to find it
   * @param text name or number of the column of texts, null to find it
   * @throws IllegalArgumentException if one is a name and the table has no header
   */
  public TableFormat withColumns(String label, String text) {
    return new TableFormat(label, text, noHeader, delimiter, quote, encoding);
  }

  /**
   * The same, with this quote.
   *
   * @param c {@link #NO_QUOTE} for none, null to find it
   * @throws IllegalArgumentException if it is a line end or the delimiter
   */
  public TableFormat withQuote(Character c) {
    return new TableFormat(labelColumn, textColumn, noHeader, delimiter, c, encoding);
  }

  /**
   * The same, with this delimiter.
   *
   * @param c null to find it
   * @throws IllegalArgumentException if it is a line end, NUL or the quote
   */
  public TableFormat withDelimiter(Character c) {
    return new TableFormat(labelColumn, textColumn, noHeader, c, quote, encoding);
  }

  /**
   * The same, in this encoding.
   *
   * @param charset null to find it
   */
  public TableFormat withEncoding(Charset charset) {
    return new TableFormat(labelColumn, textColumn, noHeader, delimiter, quote, charset);
  }

  static boolean isNumber(String column) {
    return column != null && NUMBER.matcher(column).matches();
  }
}
