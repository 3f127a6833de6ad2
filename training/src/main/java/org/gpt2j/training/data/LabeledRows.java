package org.gpt2j.training.data;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes labelled texts of the rows of a table. */
final class LabeledRows {
  private enum Form {
    TABLE("expected rows with a label and a text, found none"),
    COLLECTION("expected lines of label, tab, text, found none"),
    SPLIT("expected rows below the header, found none");

    private final String nothing;

    Form(String nothing) {
      this.nothing = nothing;
    }
  }

  /** What is kept of a row: memory is for labels and texts alone. */
  private record Entry(long line, int number, String label, String text, String problem) {}

  private final TableReader table;
  private final int maxBadRows;
  private final PrintWriter notes;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Integer> counts = new LinkedHashMap<>();

  /**
   * @param notes gets what was found out and what is skipped
   */
  LabeledRows(TableReader table, int maxBadRows, PrintWriter notes) {
    this.table = table;
    this.maxBadRows = maxBadRows;
    this.notes = notes;
  }

  /** Reads all that is left of the table. */
  List<LabeledText> read(KnownLabels labels) throws IOException {
    readEntries();
    TableLayout layout = table.layout();
    Form form =
        layout.kind() == TableLayout.Kind.COLLECTION
            ? Form.COLLECTION
            : SplitFiles.isSplit(layout, counts.keySet()) ? Form.SPLIT : Form.TABLE;
    boolean hamOrSpam = labels.mayMeanHamOrSpam() && form != Form.TABLE;
    return texts(form, hamOrSpam ? KnownLabels.hamOrSpam(form == Form.SPLIT) : labels);
  }

  /** Reads all that is left of a table that must be a file of a split. */
  List<LabeledText> readSplit() throws IOException {
    readEntries();
    return texts(Form.SPLIT, KnownLabels.hamOrSpam(true));
  }

  private void readEntries() throws IOException {
    int label = table.layout().labelColumn();
    int text = table.layout().textColumn();
    for (TableRow row = table.next(); row != null; row = table.next()) {
      if (row.problem() != null) {
        entries.add(new Entry(row.line(), row.number(), null, null, row.problem()));
      } else {
        String name = row.fields().get(label);
        entries.add(new Entry(row.line(), row.number(), name, row.fields().get(text), null));
        counts.merge(name, 1, Integer::sum);
      }
    }
  }

  private List<LabeledText> texts(Form form, KnownLabels labels) throws DataFileException {
    Map<String, String> classes = labels.classes(counts);
    BadRows bad = new BadRows(table.name(), maxBadRows);
    List<LabeledText> texts = new ArrayList<>();
    for (Entry entry : entries) {
      String problem =
          entry.problem() != null ? entry.problem() : problem(form, labels, entry, classes);
      if (problem == null) {
        texts.add(new LabeledText(classes.get(entry.label()), entry.text()));
        continue;
      }
      boolean unknown =
          entry.label() != null && labels.isClosed() && !classes.containsKey(entry.label());
      if (maxBadRows == 0 && (form != Form.TABLE || unknown)) {
        throw new DataFileException(table.name(), place(form, entry) + problem);
      }
      bad.add(entry.line(), problem);
    }
    note(form, classes);
    bad.report(notes);
    if (texts.isEmpty()) {
      throw new DataFileException(table.name(), form.nothing);
    }
    return texts;
  }

  private static String problem(
      Form form, KnownLabels labels, Entry entry, Map<String, String> classes) {
    boolean blank = form == Form.TABLE ? entry.text().isBlank() : entry.text().isEmpty();
    if (form == Form.TABLE
        && KnownLabels.strip(entry.label()).isEmpty()
        && !labels.takesNothing()) {
      return "expected a label, found nothing";
    }
    if (!classes.containsKey(entry.label())) {
      return labels.problem(entry.label());
    }
    if (!blank) {
      return null;
    }
    return form == Form.TABLE
        ? "expected a text, found nothing"
        : "expected a text after the label, found nothing";
  }

  private static String place(Form form, Entry entry) {
    if (form != Form.SPLIT) {
      return "line " + entry.line() + ": ";
    }
    boolean open = DelimitedRows.OPEN_QUOTE.equals(entry.problem());
    return "row " + entry.number() + (open ? " is not valid CSV: " : ": ");
  }

  private void note(Form form, Map<String, String> classes) {
    String found = table.layout().found();
    if (!found.isEmpty()) {
      notes.println(table.name() + ": " + found);
    }
    if (form == Form.SPLIT) {
      classes.keySet().removeAll(List.of("0", "1")); // what they mean there, see SplitFiles
    }
    noteHeader();
    String others = KnownLabels.readAsOthers(classes);
    if (!others.isEmpty()) {
      notes.println(table.name() + ": labels read as others: " + others);
    }
    notes.flush();
  }

  /** The name of a column in a header that was read as a row is a label that is there once. */
  private void noteHeader() {
    if (!table.mayHaveHeader() || entries.get(0).label() == null) {
      return;
    }
    String first = entries.get(0).label();
    boolean others = counts.values().stream().filter(n -> n > 1).count() == counts.size() - 1;
    if (counts.size() > 2 && counts.get(first) == 1 && others) {
      notes.printf(
          Locale.ROOT,
          "warning: %s: line %d is read as a row, but no other has its label '%s'; if it is the"
              + " header, give columns by their names%n",
          table.name(),
          entries.get(0).line(),
          Excerpt.of(first));
    }
  }
}
