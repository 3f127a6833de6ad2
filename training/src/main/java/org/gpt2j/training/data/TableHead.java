package org.gpt2j.training.data;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;

/**
 * The first rows of a table, read in one of the ways in which it may be meant.
 *
 * @param rows the first of them may be one with a problem
 */
record TableHead(char delimiter, char quote, List<DelimitedRows.Row> rows) {
  /** Characters that are looked at. */
  static final int CHARACTERS = 1 << 18;

  private static final int ROWS = 100;

  /**
   * @param text how the table begins
   * @param cut whether it goes on
   */
  static TableHead of(String text, boolean cut, char delimiter, char quote) throws IOException {
    List<DelimitedRows.Row> rows = new ArrayList<>();
    try (DelimitedRows all =
        new DelimitedRows(
            new StringReader(text), delimiter, quote, DelimitedRows.ALL_COLUMNS, false)) {
      DelimitedRows.Row row = all.next();
      for (; row != null && rows.size() < ROWS; row = all.next()) {
        rows.add(row);
        if (cut && row.problem() != null) {
          break; // a quote that is closed behind what is looked at
        }
      }
      if (cut && row == null && rows.size() > 1) {
        rows.remove(rows.size() - 1);
      }
    }
    return new TableHead(delimiter, quote, rows);
  }

  /** The first row; no fields where it has a problem. */
  List<String> first() {
    return rows.get(0).fields();
  }

  /** Whether the first row cannot be read. */
  boolean isBroken() {
    return !rows.isEmpty() && rows.get(0).problem() != null;
  }

  /** The rows below the first. */
  List<DelimitedRows.Row> others() {
    return rows.subList(1, rows.size());
  }

  /** The line that each row begins in. */
  List<Long> lines() {
    return rows.stream().map(DelimitedRows.Row::line).toList();
  }

  /** Columns of the first row without the empty ones at its end. */
  int width() {
    return width(first());
  }

  static int width(List<String> row) {
    int width = row.size();
    while (width > 0 && row.get(width - 1).isBlank()) {
      width--;
    }
    return width;
  }

  /** The part of the rows that have as many columns as the first; 0 where that has but one. */
  double regularity() {
    if (width() < 2) {
      return 0;
    }
    long regular =
        rows.stream()
            .filter(row -> row.problem() == null)
            .filter(row -> row.fields().size() >= width() && width(row.fields()) <= first().size())
            .count();
    return (double) regular / rows.size();
  }

  /** Whether this way's quote is what the table is quoted by. */
  boolean isQuoted() {
    boolean everything =
        width() > 1 && rows.stream().allMatch(row -> row.quoted() == row.fields().size());
    return rows.stream().noneMatch(DelimitedRows.Row::loose) && (everything || needsQuotes());
  }

  /** Whether there are fields that could not be without quotes. */
  boolean needsQuotes() {
    return rows.stream().anyMatch(DelimitedRows.Row::needed);
  }
}
