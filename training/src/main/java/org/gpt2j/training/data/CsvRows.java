package org.gpt2j.training.data;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Rows of delimited text (RFC 4180, with any delimiter), each with the line that it begins in. */
final class CsvRows {
  /**
   * One row.
   *
   * @param line where it begins, 1 for the first line of the text
   * @param fields null where the quoting is bad
   */
  record Row(long line, List<String> fields) {}

  private final String text;
  private final CSVFormat format;
  private final List<Row> rows = new ArrayList<>();

  private CsvRows(String text, char delimiter) {
    this.text = text;
    this.format =
        CSVFormat.RFC4180
            .builder()
            .setDelimiter(delimiter)
            .setIgnoreEmptyLines(false) // left out below, so that line numbers stay right
            .get();
  }

  /** All rows but blank ones. After one with bad quoting, reading goes on at the next line. */
  static List<Row> read(String text, char delimiter) throws IOException {
    CsvRows csv = new CsvRows(text, delimiter);
    int line = 1;
    for (int start = 0; start < text.length(); ) {
      int bad = csv.readFrom(start, line);
      if (bad == 0) {
        break;
      }
      for (; line <= bad; line++) {
        start = csv.nextLine(start);
      }
    }
    return csv.rows;
  }

  /**
   * Reads on from the start of a line.
   *
   * @return the line of the first row with bad quoting, 0 if the text ends before one
   */
  private int readFrom(int start, int firstLine) throws IOException {
    StringReader reader = new StringReader(text);
    reader.skip(start);
    int line = firstLine;
    try (CSVParser parser = CSVParser.parse(reader, format)) {
      for (Iterator<CSVRecord> records = parser.iterator(); records.hasNext(); ) {
        CSVRecord row = records.next();
        if (row.size() > 1 || !row.get(0).isBlank()) {
          rows.add(new Row(line, row.toList()));
        }
        line = firstLine + (int) parser.getCurrentLineNumber();
      }
      return 0;
    } catch (UncheckedIOException e) {
      // From memory: only the quoting can be wrong.
      rows.add(new Row(line, null));
      return line;
    }
  }

  /** The offset behind the line end (LF, CRLF or CR, as the parser counts them). */
  private int nextLine(int start) {
    int i = start;
    while (i < text.length() && text.charAt(i) != '\n' && text.charAt(i) != '\r') {
      i++;
    }
    return text.startsWith("\r\n", i) ? i + 2 : i + 1;
  }
}
