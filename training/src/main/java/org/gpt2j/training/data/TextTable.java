package org.gpt2j.training.data;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Reads any table with a column of texts and one of labels: UTF-8, fields with a delimiter, a line
 * end or a quote in them in double quotes, as in RFC 4180. Fields are parted by commas in a file
 * whose name ends in .csv, by tabs in any other. Blank lines are left out, and space around a label
 * too; further columns do not matter.
 *
 * @param labelColumn the name of a column, as in the header but for the case; or, in a file without
 *     a header, its number, counted from 1; null for the first of label, category, class, target
 *     and v1 that the header has
 * @param textColumn the same for the texts; null for the first of text, message, sms, sentence,
 *     content and v2. Either both columns are numbers or none is
 * @param maxBadRows how many broken rows are skipped with a warning
 */
public record TextTable(String labelColumn, String textColumn, int maxBadRows) {
  private static final List<String> LABEL_NAMES =
      List.of("label", "category", "class", "target", "v1");
  private static final List<String> TEXT_NAMES =
      List.of("text", "message", "sms", "sentence", "content", "v2");
  private static final String BAD_QUOTING =
      "bad quoting: a quote is not closed, or text follows the closing one";
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,6}");

  /**
   * @throws IllegalArgumentException if one column is a number and the other is none, or {@code
   *     maxBadRows} is negative
   */
  public TextTable {
    if (isNumber(labelColumn) != isNumber(textColumn)) {
      throw new IllegalArgumentException(
          "label and text column: expected two numbers, for a file without a header, or none, found "
              + labelColumn
              + " and "
              + textColumn);
    }
    if (maxBadRows < 0) {
      throw new IllegalArgumentException("max bad rows: expected at least 0, found " + maxBadRows);
    }
  }

  private static boolean isNumber(String column) {
    return column != null && NUMBER.matcher(column).matches();
  }

  /**
   * Reads all rows in the order of the file.
   *
   * @param warnings gets a line for each row that is skipped (ten at most, and how many there are):
   *     one with another number of columns than the first, with bad quoting, or with nothing or
   *     only space for a label or a text. A row with bad quoting ends with its line
   * @throws DataFileException naming the file if it is missing, not UTF-8, lacks a column, has no
   *     rows, or has more than {@link #maxBadRows} broken ones
   */
  public List<LabeledText> read(Path file, PrintWriter warnings) throws IOException {
    return read(file, UnaryOperator.identity(), warnings);
  }

  /**
   * @param labels turns a label into one that is known, or throws IllegalArgumentException
   */
  List<LabeledText> read(Path file, UnaryOperator<String> labels, PrintWriter warnings)
      throws IOException {
    List<CsvRows.Row> rows = CsvRows.read(Utf8File.read(file), delimiter(file));
    CsvRows.Row first = rows.get(0);
    if (first.fields() == null) {
      throw new DataFileException(file, "line " + first.line() + ": " + BAD_QUOTING);
    }
    int label = index(file, first.fields(), "label", labelColumn, LABEL_NAMES);
    int text = index(file, first.fields(), "text", textColumn, TEXT_NAMES);
    if (label == text) {
      throw new DataFileException(
          file, "expected two columns, found column " + (label + 1) + " for both label and text");
    }
    List<LabeledText> messages = new ArrayList<>();
    BadRows bad = BadRows.upTo(file, maxBadRows);
    for (CsvRows.Row row : rows.subList(isNumber(labelColumn) ? 0 : 1, rows.size())) {
      try {
        checkRow(row.fields(), first.fields().size(), label, text);
        String name = labels.apply(row.fields().get(label).strip());
        messages.add(new LabeledText(name, row.fields().get(text)));
      } catch (IllegalArgumentException e) {
        bad.add(row.line(), e.getMessage());
      }
    }
    bad.report(warnings);
    if (messages.isEmpty()) {
      throw new DataFileException(file, "expected rows with a label and a text, found none");
    }
    return messages;
  }

  /** Whether a file begins with a row that names a column of labels and one of texts. */
  static boolean hasHeader(List<String> firstRow) {
    List<String> names = lowerCase(firstRow);
    return names.stream().anyMatch(LABEL_NAMES::contains)
        && names.stream().anyMatch(TEXT_NAMES::contains);
  }

  private static char delimiter(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".csv") ? ',' : '\t';
  }

  private static List<String> lowerCase(List<String> names) {
    return names.stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).toList();
  }

  /** Where the column is, counted from 0. */
  private static int index(
      Path file, List<String> first, String what, String column, List<String> defaults)
      throws DataFileException {
    String found = "found '" + Excerpt.of(String.join(",", first)) + "'";
    if (isNumber(column)) {
      int number = Integer.parseInt(column);
      if (number < 1 || number > first.size()) {
        throw new DataFileException(
            file,
            what + " column: expected a number from 1 to " + first.size() + ", found " + number);
      }
      if (hasHeader(first)) {
        throw new DataFileException(
            file, "expected no header where columns are given by number, " + found);
      }
      return number - 1;
    }
    List<String> header = lowerCase(first);
    for (String name : column == null ? defaults : lowerCase(List.of(column))) {
      int index = header.indexOf(name);
      if (index >= 0 && index != header.lastIndexOf(name)) {
        throw new DataFileException(file, "expected one column '" + name + "', " + found);
      }
      if (index >= 0) {
        return index;
      }
    }
    String expected = column == null ? String.join(", ", defaults) : "'" + column + "'";
    throw new DataFileException(
        file,
        String.format(
            "expected a header with the %s column (%s), %s; --%s-column names another, by its number"
                + " where there is no header",
            what, expected, found, what));
  }

  /**
   * @throws IllegalArgumentException saying what is broken
   */
  private static void checkRow(List<String> row, int width, int label, int text) {
    if (row == null) {
      throw new IllegalArgumentException(BAD_QUOTING);
    }
    if (row.size() != width) {
      throw new IllegalArgumentException("expected " + width + " columns, found " + row.size());
    }
    if (row.get(label).isBlank()) {
      throw new IllegalArgumentException("expected a label, found nothing");
    }
    if (row.get(text).isBlank()) {
      throw new IllegalArgumentException("expected a text, found nothing");
    }
  }
}
