package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.gpt2j.model.ProblemType;
import org.gpt2j.training.Classification;
import org.gpt2j.training.data.MultiLabel;
import org.gpt2j.training.data.TableLayout;
import org.gpt2j.training.data.TableRow;

/**
 * Writes a table with the label and the score of each row's text: as CSV (RFC 4180, UTF-8, LF), the
 * table as it was and behind it a column of the label and one of its score, or one of a
 * regression's value; or as JSON, a line a row. Several labels or values of a text have a {@code |}
 * between them, and the score is that of the most probable label.
 */
final class LabeledTable {
  private static final CSVFormat CSV = CSVFormat.RFC4180.builder().setRecordSeparator('\n').get();

  private final Writer out;
  private final CSVPrinter csv;
  private final TableLayout layout;
  private final ProblemType problemType;
  private final boolean json;

  /**
   * @param out stays the caller's
   * @param layout of the table that is read
   * @param problemType what the model says of a text
   */
  LabeledTable(Writer out, TableLayout layout, ProblemType problemType, boolean json)
      throws IOException {
    this.out = out;
    this.csv = new CSVPrinter(out, CSV);
    this.layout = layout;
    this.problemType = problemType;
    this.json = json;
  }

  /** Writes the names of the columns, where there are any. */
  void writeHeader() throws IOException {
    boolean lines = layout.kind() == TableLayout.Kind.LINES;
    List<String> names = new ArrayList<>(lines ? List.of("text") : layout.header());
    if (!json && !names.isEmpty()) {
      boolean regression = problemType == ProblemType.REGRESSION;
      for (String name : regression ? List.of("value") : List.of("label", "score")) {
        names.add(unused(name, names));
      }
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
    if (problemType == ProblemType.REGRESSION) {
      Collection<Double> values = result == null ? List.of() : result.scores().values();
      fields.add(MultiLabel.format(values.stream().map(LabeledTable::number).toList()));
    } else {
      fields.add(result == null ? "" : MultiLabel.format(result.labels()));
      fields.add(result == null ? "" : number(result.score()));
    }
    csv.printRecord(fields);
  }

  private static String number(double score) {
    return String.format(Locale.ROOT, "%.6f", score);
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
