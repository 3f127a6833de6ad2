package org.gpt2j.training.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Reads a table row by row, in memory that does not grow with the table: CSV and TSV in any dialect
 * that {@link TableFormat} can say, found out where it does not say it; the UCI format; plain lines
 * where only texts are wanted. Quotes are read as pandas reads them ({@code pd.read_csv} with its C
 * parser).
 *
 * <pre>{@code
 * try (TableReader table = TableReader.texts(Path.of("mails.csv"), TableFormat.FOUND)) {
 *   for (TableRow row = table.next(); row != null; row = table.next()) {
 *     System.out.println(row.line() + " " + row.fields().get(table.layout().textColumn()));
 *   }
 * }
 * }</pre>
 */
public final class TableReader implements Closeable {
  private final TextSource source;
  private final TableLayout layout;
  private final DecodingReader in;
  private final DelimitedRows rows;
  private final boolean mayHaveHeader;
  private int width = -1;
  private int fullWidth;
  private int number;

  /**
   * Opens a file for its texts and their labels.
   *
   * @param file a pipe is kept in memory, beyond 1 MiB in a temporary file
   * @param labels the classes, by which a first row that is no header is known too
   * @throws DataFileException in one sentence that begins with the file's name: if it is missing,
   *     empty or of another kind than text, has bytes that are no text, or lacks a column
   */
  public static TableReader labeled(Path file, TableFormat format, KnownLabels labels)
      throws IOException {
    return open(TextSource.of(file), format, labels, null);
  }

  /**
   * Opens what a stream gives for its texts and their labels.
   *
   * @param name what errors call it; one that ends in .csv has commas where the rows leave a choice
   * @param in is read to its end, and kept in memory, beyond 1 MiB in a temporary file; the caller
   *     closes it
   * @param labels the classes, by which a first row that is no header is known too
   * @throws DataFileException in one sentence that begins with the name: if the text is empty, of
   *     another kind, has bytes that are no text, or lacks a column
   */
  public static TableReader labeled(
      String name, InputStream in, TableFormat format, KnownLabels labels) throws IOException {
    return open(TextSource.of(name, in), format, labels, null);
  }

  /**
   * Opens a file for its texts; labels may be there or not.
   *
   * @param file a pipe is kept in memory, beyond 1 MiB in a temporary file
   * @throws DataFileException in one sentence that begins with the file's name: if it is missing,
   *     empty or of another kind than text, has bytes that are no text, or lacks a column
   */
  public static TableReader texts(Path file, TableFormat format) throws IOException {
    return open(TextSource.of(file), format, null, null);
  }

  /**
   * Opens what a stream gives for its texts; labels may be there or not.
   *
   * @param name what errors call it; one that ends in .csv, .tsv or .tab is a table, any other may
   *     have plain lines
   * @param in is read to its end, and kept in memory, beyond 1 MiB in a temporary file; the caller
   *     closes it
   * @throws DataFileException in one sentence that begins with the name: if the text is empty, of
   *     another kind, has bytes that are no text, or lacks a column
   */
  public static TableReader texts(String name, InputStream in, TableFormat format)
      throws IOException {
    return open(TextSource.of(name, in), format, null, null);
  }

  /** Opens a file in the UCI format, whatever its first row is. */
  static TableReader collection(Path file, TableFormat format) throws IOException {
    KnownLabels labels = KnownLabels.hamOrSpam(false);
    return open(TextSource.of(file), format, labels, TableLayout.Kind.COLLECTION);
  }

  private static TableReader open(
      TextSource source, TableFormat format, KnownLabels labels, TableLayout.Kind kind)
      throws IOException {
    try {
      return new TableReader(source, new LayoutFinder(source, format, labels, kind));
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private TableReader(TextSource source, LayoutFinder finder) throws IOException {
    this.source = source;
    this.layout = finder.layout();
    this.mayHaveHeader = finder.mayHaveHeader();
    this.in = finder.open();
    boolean restOfLine =
        layout.kind() == TableLayout.Kind.COLLECTION && layout.quote() == TableFormat.NO_QUOTE;
    int columns = restOfLine ? 2 : DelimitedRows.ALL_COLUMNS;
    this.rows =
        new DelimitedRows(in, layout.delimiter(), layout.quote(), columns, finder.exactQuotes());
    if (finder.namesDelimiter()) {
      rows.next();
    }
    if (!layout.header().isEmpty()) {
      rows.next();
      setWidth(layout.header());
    }
  }

  private void setWidth(List<String> first) {
    int needed = Math.max(layout.labelColumn(), layout.textColumn()) + 1;
    width = Math.max(needed, TableHead.width(first));
    fullWidth = Math.max(width, first.size());
  }

  /** What was found out about the table. */
  public TableLayout layout() {
    return layout;
  }

  /** Whether the first row was taken for one of data without being told so. */
  boolean mayHaveHeader() {
    return mayHaveHeader;
  }

  /** What errors call the table: the file's path. */
  public String name() {
    return source.name();
  }

  /**
   * The next row, blank lines left out; null after the last one. It has as many fields as the
   * header, or the first row of a table without one: empty columns at the end are filled in or left
   * out.
   *
   * @throws DataFileException naming file and line, at a byte that is no text or a NUL
   */
  public TableRow next() throws IOException {
    DelimitedRows.Row row = rows.next();
    if (row == null) {
      return null;
    }
    number++;
    boolean collection = layout.kind() == TableLayout.Kind.COLLECTION;
    if (row.problem() != null) {
      boolean open = collection && row.problem().equals(DelimitedRows.OPEN_QUOTE);
      String problem = open ? "expected a closing quote, found the end of the file" : row.problem();
      return new TableRow(row.line(), number, row.fields(), problem);
    }
    return collection ? message(row) : fields(row);
  }

  private TableRow fields(DelimitedRows.Row row) {
    List<String> all = row.fields();
    if (width < 0) {
      setWidth(all);
    }
    int size = Math.max(Math.min(all.size(), width), TableHead.width(all));
    if (size < width || size > fullWidth) {
      String problem = "expected " + width + " columns, found " + size;
      return new TableRow(row.line(), number, List.of(), problem);
    }
    List<String> padded = new ArrayList<>(all.subList(0, size));
    padded.addAll(Collections.nCopies(fullWidth - size, ""));
    return new TableRow(row.line(), number, padded, null);
  }

  private TableRow message(DelimitedRows.Row row) {
    List<String> all = row.fields();
    if (all.size() < 2) {
      String problem =
          "expected label, tab, text, found no tab in '" + Excerpt.of(all.get(0)) + "'";
      return new TableRow(row.line(), number, List.of(), problem);
    }
    int columns = TableHead.width(all);
    if (columns > 2) {
      String problem = "expected one tab outside quotes, found " + (columns - 1);
      return new TableRow(row.line(), number, List.of(), problem);
    }
    // Excel saves the empty columns of a sheet as tabs.
    String text = row.quoted() > 0 ? all.get(1) : all.get(1).replaceAll("\t+$", "");
    return new TableRow(row.line(), number, List.of(all.get(0), text), null);
  }

  /** Bytes of the table that were read, of {@link #size}. */
  public long bytesRead() {
    return in.bytesRead();
  }

  /**
   * Bytes of the table.
   *
   * @throws IOException if the file is gone
   */
  public long size() throws IOException {
    return source.size();
  }

  /** Closes the file, and deletes what was kept of a stream. */
  @Override
  public void close() throws IOException {
    try (source) {
      rows.close();
    }
  }
}
