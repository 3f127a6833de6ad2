package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.gpt2j.io.Printable;
import org.gpt2j.training.Classification;
import org.gpt2j.training.EncodedText;
import org.gpt2j.training.TextClassifier;
import org.gpt2j.training.data.BadRows;
import org.gpt2j.training.data.TableReader;
import org.gpt2j.training.data.TableRow;

/** Gives each row of a table a label, some rows at a time: memory does not grow with the table. */
final class TableLabeling {
  /** Rows that are classified together, so that texts of one length find each other. */
  private static final int ROWS = 256;

  /** Characters after which fewer rows are. */
  private static final int CHARACTERS = 1 << 20;

  private final TableReader table;
  private final TextClassifier classifier;
  private final BadRows bad;
  private final PrintWriter notes;
  private final RowProgress progress;
  private final Map<String, Long> counts = new TreeMap<>();
  private final List<TableRow> rows = new ArrayList<>();
  private long done;
  private long empty;
  private volatile boolean interrupted;

  /**
   * @param notes gets what was found out about the table, how far it is, and what came of it
   */
  TableLabeling(
      TableReader table,
      TextClassifier classifier,
      int maxBadRows,
      PrintWriter notes,
      RowProgress progress) {
    this.table = table;
    this.classifier = classifier;
    this.bad = new BadRows(table.name(), maxBadRows);
    this.notes = notes;
    this.progress = progress;
  }

  /** Makes {@link #write} end soon, by an exception. */
  void interrupt() {
    interrupted = true;
  }

  /** Whether {@link #interrupt} was called. */
  boolean isInterrupted() {
    return interrupted;
  }

  /**
   * Writes every row with its label.
   *
   * @throws UncheckedIOException if the table is at fault
   * @throws IOException if writing fails, or this was interrupted
   */
  void write(LabeledTable out) throws IOException {
    if (!table.layout().found().isEmpty()) {
      notes.println(table.name() + ": " + table.layout().found());
      notes.flush();
    }
    try {
      out.writeHeader();
      while (readRows()) {
        if (interrupted) {
          throw new InterruptedIOException("interrupted");
        }
        classify(out);
        out.flush();
        progress.show(done, part());
      }
      out.flush();
    } finally {
      progress.end();
    }
    report();
  }

  /** Reads some rows; whether there are any. */
  private boolean readRows() {
    rows.clear();
    int characters = 0;
    try {
      while (rows.size() < ROWS && characters < CHARACTERS) {
        TableRow row = table.next();
        if (row == null) {
          break;
        }
        if (row.problem() == null) {
          rows.add(row);
          characters += text(row).length();
          continue;
        }
        bad.add(row.line(), row.problem());
        if (bad.areTooMany()) {
          bad.report(notes);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return !rows.isEmpty();
  }

  private String text(TableRow row) {
    return row.fields().get(table.layout().textColumn());
  }

  private void classify(LabeledTable out) throws IOException {
    List<Optional<EncodedText>> encoded = rows.stream().map(row -> encode(text(row))).toList();
    List<EncodedText> texts = encoded.stream().flatMap(Optional::stream).toList();
    List<Classification> results = texts.isEmpty() ? List.of() : classifier.classifyEncoded(texts);
    int next = 0;
    for (int i = 0; i < rows.size(); i++) {
      Classification result = encoded.get(i).isEmpty() ? null : results.get(next++);
      out.write(rows.get(i), result);
      if (result == null) {
        empty++;
      } else {
        result.labels().forEach(label -> counts.merge(label, 1L, Long::sum));
      }
    }
    done += rows.size();
  }

  private Optional<EncodedText> encode(String text) {
    return text.isBlank() ? Optional.empty() : classifier.encode(text);
  }

  private double part() {
    try {
      return Math.min(1, (double) table.bytesRead() / Math.max(1, table.size()));
    } catch (IOException e) {
      return 0; // the file is gone; what is open can be read on
    }
  }

  private void report() {
    try {
      bad.report(notes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> parts = new ArrayList<>();
    counts.forEach(
        (label, n) -> parts.add(String.format(Locale.ROOT, "%d %s", n, Printable.line(label))));
    if (empty > 0) {
      parts.add(String.format(Locale.ROOT, "%d without a text", empty));
    }
    String line = String.format(Locale.ROOT, "%s: %d rows", table.name(), done);
    notes.println(parts.isEmpty() ? line : line + ": " + String.join(", ", parts));
    notes.flush();
  }
}
