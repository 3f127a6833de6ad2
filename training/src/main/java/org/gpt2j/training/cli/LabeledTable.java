package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.gpt2j.training.Classification;
import org.gpt2j.training.data.TableLayout;
import org.gpt2j.training.data.TableRow;

/**
 * Writes a table with the label and the score of each row's text: as CSV (RFC 4180, UTF-8, LF), the
 * table as it was and two columns behind it; or as JSON, a line a row.
 */
final class LabeledTable {
  private static final CSVFormat CSV = CSVFormat.RFC4180.builder().setRecordSeparator('\n').get();

  private final Writer out;
  private final CSVPrinter csv;
  private final TableLayout layout;
  private final boolean json;

  /**
   * @param out stays the caller's
   * @param layout of the table that is read
   */
  LabeledTable(Writer out, TableLayout layout, boolean json) throws IOException {
    this.out = out;
    this.csv = new CSVPrinter(out, CSV);
    this.layout = layout;
    this.json = json;
  }

  /** Writes the names of the columns, where there are any. */
  void writeHeader() throws IOException {
    boolean lines = layout.kind() == TableLayout.Kind.LINES;
    List<String> names = new ArrayList<>(lines ? List.of("text") : layout.header());
    if (!json && !names.isEmpty()) {
      names.add(unused("label", names));
      names.add(unused("score", names));
      csv.printRecord(names);
    }
  }

  private static String unused(String name, List<String> names) {
    boolean used = names.stream().anyMatch(n -> n.strip().equalsIgnoreCase(name));
    return used ? unused("predicted_" + name, names) : name;
  }

  /**
   * Writes a row.
   *
   * @param result null for a row without a text
   */
  void write(TableRow row, Classification result) throws IOException {
    if (json) {
      String text = row.fields().get(layout.textColumn());
      out.write(result == null ? ClassificationJson.empty(text) : ClassificationJson.line(result));
      out.write('\n');
      return;
    }
    List<String> fields = new ArrayList<>(row.fields());
    fields.add(result == null ? "" : result.label());
    fields.add(result == null ? "" : String.format(Locale.ROOT, "%.6f", result.score()));
    csv.printRecord(fields);
  }

  /**
   * Hands on what is written.
   *
   * @throws IOException if nobody takes it any more
   */
  void flush() throws IOException {
    out.flush();
    if (out instanceof PrintWriter printer && printer.checkError()) {
      throw new IOException("standard output: cannot be written to");
    }
  }
}
