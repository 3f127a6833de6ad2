package org.gpt2j.training.data;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Finds out how a table is to be read; where need be it is read once to its end for that. */
final class LayoutFinder {
  private static final Pattern JSON =
      Pattern.compile("\\s*+(\\[\\s*+)?+\\{\\s*+\"[^\"\\\\\\n]*+\"\\s*+:");

  private final TextSource source;
  private final TableFormat format;
  private final TextEncoding encoding;
  private final DialectFinder dialect;
  private final TableLayout layout;

  /** Where quotes do not fit together, so that there are none; 0 where they do. */
  private long looseLine;

  /**
   * @param labels null where only texts are wanted
   * @param kind what the table must be; null to find out
   */
  LayoutFinder(TextSource source, TableFormat format, KnownLabels labels, TableLayout.Kind kind)
      throws IOException {
    this.source = source;
    this.format = format;
    this.encoding = TextEncoding.find(source, format.encoding());
    String text = head();
    if (isJson(text)) {
      throw source.problem("expected a table or lines of text, found JSON: write it as CSV first");
    }
    TableColumns columns = new TableColumns(source.name(), format, labels);
    this.dialect = new DialectFinder(source.name(), text, format, columns, labels == null);
    TableHead head = dialect.find();
    if (head.rows().isEmpty()) {
      throw source.problem("expected text, found an empty file");
    }
    if (kind == TableLayout.Kind.COLLECTION || kind == null && columns.isCollection(head)) {
      this.layout = collection(labels);
    } else if (kind == null && labels == null && dialect.isLines(head)) {
      this.layout = layout(TableLayout.Kind.LINES, head, new TableColumns.Found(false, -1, 0));
    } else {
      this.layout = layout(TableLayout.Kind.TABLE, head, columns.find(head));
    }
  }

  /** Whether rows are objects of JSON, a line each or in an array: their keys are no text. */
  private static boolean isJson(String head) {
    return JSON.matcher(head).lookingAt();
  }

  private String head() throws IOException {
    try (Reader in = encoding.open(source)) {
      char[] head = new char[TableHead.CHARACTERS];
      int length = 0;
      for (int n = 0; n >= 0 && length < head.length; length += Math.max(n, 0)) {
        n = in.read(head, length, head.length - length);
      }
      return new String(head, 0, length);
    }
  }

  private TableLayout collection(KnownLabels labels) {
    char quote = format.quote() == null ? DelimitedRows.NONE : format.quote();
    List<String> found = encodingFound();
    return new TableLayout(
        TableLayout.Kind.COLLECTION,
        encoding.charset(),
        '\t',
        quote,
        List.of(),
        labels == null ? -1 : 0,
        1,
        String.join("; ", found));
  }

  private TableLayout layout(TableLayout.Kind kind, TableHead head, TableColumns.Found columns)
      throws IOException {
    char quote = head.quote();
    if (head.delimiter() == '\t' && format.quote() == null) {
      looseLine = firstLoose(head);
      quote = looseLine > 0 ? DelimitedRows.NONE : quote;
    }
    List<String> found = encodingFound();
    if (kind == TableLayout.Kind.TABLE) {
      found.addAll(dialectFound(head, columns));
    }
    return new TableLayout(
        kind,
        encoding.charset(),
        head.delimiter(),
        quote,
        columns.header() ? head.first() : List.of(),
        columns.label(),
        columns.text(),
        String.join("; ", found));
  }

  /** The line of the first row whose quotes do not fit together; 0 if there is none. */
  private long firstLoose(TableHead head) throws IOException {
    if (head.quote() == DelimitedRows.NONE) {
      return head.rows().get(0).line();
    }
    try (DelimitedRows rows =
        new DelimitedRows(
            encoding.open(source),
            head.delimiter(),
            head.quote(),
            DelimitedRows.ALL_COLUMNS,
            false)) {
      for (DelimitedRows.Row row = rows.next(); row != null; row = rows.next()) {
        if (row.loose()) {
          return row.line();
        }
      }
      return 0;
    }
  }

  private List<String> encodingFound() {
    List<String> found = new ArrayList<>();
    if (encoding.guess() != null) {
      found.add("read as Windows-1252 (" + encoding.guess() + "; --encoding names another)");
    } else if (format.encoding() == null && !encoding.charset().equals(StandardCharsets.UTF_8)) {
      found.add("read as " + encoding.charset() + ", as its byte order mark says");
    }
    return found;
  }

  private List<String> dialectFound(TableHead head, TableColumns.Found columns) {
    List<String> found = new ArrayList<>();
    boolean usual = head.delimiter() == ',' || head.delimiter() == '\t';
    if (format.delimiter() == null && !usual && head.delimiter() != DelimitedRows.NONE) {
      found.add("fields parted by '" + head.delimiter() + "'");
    }
    if (format.quote() == null && head.quote() == '\'') {
      found.add("fields quoted by '");
    }
    if (looseLine > 0) {
      found.add(
          String.format(
              Locale.ROOT,
              "quotes are ordinary characters, since those in line %d do not fit together"
                  + " (--quote '\"' reads them all the same)",
              looseLine));
    }
    if (!columns.header() && !format.noHeader() && format.textColumn() == null) {
      found.add("the first row is no header");
    }
    return found;
  }

  TableLayout layout() {
    return layout;
  }

  /** Whether a line that only names the delimiter goes before the table. */
  boolean namesDelimiter() {
    return dialect.namesDelimiter();
  }

  /** Whether the first row is taken for one of data without being told so. */
  boolean mayHaveHeader() {
    boolean table = layout.kind() == TableLayout.Kind.TABLE;
    return table && layout.header().isEmpty() && !format.noHeader();
  }

  /** Whether the user says by what fields are quoted: then quotes are read as pandas does. */
  boolean exactQuotes() {
    return format.quote() != null;
  }

  /** The characters of the table from the first one on. */
  DecodingReader open() throws IOException {
    return encoding.open(source);
  }
}
