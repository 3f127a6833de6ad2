package org.gpt2j.training.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what parts the fields of a table and what they are quoted by, from its first rows. */
final class DialectFinder {
  /** A first line in which Excel tells itself the delimiter. */
  private static final Pattern DIRECTIVE =
      Pattern.compile("(?i)^\"?sep=([^\"\r\n])\"?(\r\n|\r|\n)");

  private final String text;
  private final boolean cut;
  private final TableFormat format;
  private final TableColumns columns;
  private final boolean comma;
  private final boolean plainLines;
  private final boolean namesDelimiter;
  private final Character delimiter;

  /**
   * @param file its name, which counts where the rows leave a choice
   * @param text the first {@link TableHead#CHARACTERS} of the table, or all
   * @param lines whether the file may be one of plain lines
   */
  DialectFinder(String file, String text, TableFormat format, TableColumns columns, boolean lines) {
    Matcher first = DIRECTIVE.matcher(text);
    boolean found = first.find();
    this.namesDelimiter = found;
    this.cut = text.length() == TableHead.CHARACTERS;
    this.text = found ? text.substring(first.end()) : text;
    this.format = format;
    this.columns = columns;
    String name = file.toLowerCase(Locale.ROOT);
    this.comma = name.endsWith(".csv");
    boolean table = comma || name.endsWith(".tsv") || name.endsWith(".tab");
    Character named = found ? (Character) first.group(1).charAt(0) : null;
    this.delimiter = format.delimiter() != null ? format.delimiter() : named;
    this.plainLines =
        lines && !table && delimiter == null && !format.noHeader() && format.textColumn() == null;
  }

  /** Whether a line that only names the delimiter goes before the table. */
  boolean namesDelimiter() {
    return namesDelimiter;
  }

  /**
   * The first rows as the table is meant; with {@link DelimitedRows#NONE} as delimiter where it has
   * one column or is a text of plain lines.
   */
  TableHead find() throws IOException {
    if (delimiter != null) {
      return quoted(delimiter);
    }
    TableHead none = TableHead.of(text, cut, DelimitedRows.NONE, quote('"'));
    if (none.rows().isEmpty()) {
      return none; // blank, or tabs alone
    }
    List<TableHead> ways = new ArrayList<>();
    for (char c : (comma ? ",;\t|" : "\t,;|").toCharArray()) {
      ways.add(quoted(c));
    }
    for (TableHead way : ways) {
      if (way.first().size() > 1 && columns.isHeader(way.first())) {
        return way;
      }
    }
    for (TableHead way : ways) {
      if (columns.isCollection(way)) {
        return way;
      }
    }
    for (TableHead way : ways) {
      if (columns.isHeaderless(way)) {
        return way;
      }
    }
    if (columns.isHeader(none.first())) {
      return none;
    }
    TableHead best = ways.get(0);
    for (TableHead way : ways) {
      best = way.regularity() > best.regularity() ? way : best;
    }
    boolean tabs = best.delimiter() == '\t' && best.regularity() == 1 && best.rows().size() > 1;
    if (plainLines && !tabs) {
      return TableHead.of(text, cut, DelimitedRows.NONE, DelimitedRows.NONE);
    }
    return best;
  }

  /** Whether the rows are lines of text, none of them a header. */
  boolean isLines(TableHead head) {
    return plainLines && head.delimiter() == DelimitedRows.NONE && !columns.isHeader(head.first());
  }

  private char quote(char usual) {
    return format.quote() == null ? usual : format.quote();
  }

  /**
   * By double quotes, but for tables that need single ones and no double ones, and tables parted by
   * tabs whose first row has a quote that is never closed.
   */
  private TableHead quoted(char c) throws IOException {
    TableHead usual = TableHead.of(text, cut, c, quote('"'));
    if (c == '\t' && format.quote() == null && usual.isBroken()) {
      return TableHead.of(text, cut, c, DelimitedRows.NONE);
    }
    if (format.quote() == null && !usual.needsQuotes() && text.indexOf('\'') >= 0) {
      TableHead single = TableHead.of(text, cut, c, '\'');
      // Between 'tis in one message and goin' in a later one lie rows that are whole as they are.
      boolean joins = usual.regularity() == 1 && !single.lines().equals(usual.lines());
      return single.isQuoted() && !joins ? single : usual;
    }
    return usual;
  }
}
