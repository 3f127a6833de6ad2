package org.gpt2j.training.data;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where a table has its texts and, if they are wanted, its labels. */
final class TableColumns {
  /**
   * The columns.
   *
   * @param header whether the first row names them
   * @param label counted from 0; -1 where labels are not wanted
   * @param text counted from 0
   */
  record Found(boolean header, int label, int text) {}

  private static final List<String> LABEL_NAMES =
      List.of("label", "category", "class", "target", "v1");
  private static final List<String> TEXT_NAMES =
      List.of("text", "message", "sms", "sentence", "content", "v2");

  private final String file;
  private final TableFormat format;
  private final KnownLabels labels;

  /**
   * @param file its name, for errors
   * @param labels null where labels are not wanted
   */
  TableColumns(String file, TableFormat format, KnownLabels labels) {
    this.file = file;
    this.format = format;
    this.labels = labels;
  }

  private boolean byNumber() {
    return TableFormat.isNumber(format.textColumn());
  }

  /** Whether a row is a header that names every column that is wanted. */
  boolean isHeader(List<String> row) {
    if (format.noHeader() || byNumber()) {
      return false;
    }
    List<String> names = lowerCase(row);
    return hasOne(names, format.textColumn(), TEXT_NAMES)
        && (labels == null || hasOne(names, format.labelColumn(), LABEL_NAMES));
  }

  private static boolean hasOne(List<String> header, String column, List<String> usual) {
    return names(column, usual).stream().anyMatch(header::contains);
  }

  private static List<String> names(String column, List<String> usual) {
    return column == null ? usual : lowerCase(List.of(column));
  }

  /** Whether the table is one of labels and texts that begins without a header. */
  boolean isHeaderless(TableHead head) {
    return label(head) >= 0 && head.width() == 2;
  }

  /**
   * The column whose first rows are labels that are known; -1 if there is none, or the first row
   * may be a header.
   */
  private int label(TableHead head) {
    boolean named = format.labelColumn() != null || format.textColumn() != null;
    if (named || !format.noHeader() && isPartOfHeader(head.first())) {
      return -1;
    }
    int best = -1;
    long most = -1;
    for (int column = 0; column < head.width(); column++) {
      String first = head.first().get(column);
      boolean name = isName(first);
      if (name || isBinary(first)) {
        long same = sameKind(head, column, name);
        // Names go before numbers.
        long score = same + (name ? head.rows().size() : 0);
        if (2 * same >= head.others().size() && score > most) {
          best = column;
          most = score;
        }
      }
    }
    return best;
  }

  private long sameKind(TableHead head, int column, boolean name) {
    return head.others().stream()
        .map(DelimitedRows.Row::fields)
        .filter(row -> column < row.size())
        .filter(row -> name ? isName(row.get(column)) : isBinary(row.get(column)))
        .count();
  }

  private boolean isName(String field) {
    return (labels == null ? KnownLabels.any() : labels).isName(field);
  }

  private static boolean isBinary(String field) {
    String number = KnownLabels.strip(field);
    return number.equals("0") || number.equals("1");
  }

  private static boolean isPartOfHeader(List<String> row) {
    return lowerCase(row).stream()
        .anyMatch(name -> LABEL_NAMES.contains(name) || TEXT_NAMES.contains(name));
  }

  /** Whether a row begins with ham or spam: the UCI format, where a tab follows. */
  boolean isCollection(TableHead head) {
    boolean named = format.labelColumn() != null || format.textColumn() != null;
    return !named
        && head.delimiter() == '\t'
        && head.first().size() > 1
        && !isPartOfHeader(head.first())
        && (SmsSpamCollection.ID2LABEL.contains(head.first().get(0))
            || label(head) == 0
                && SmsSpamCollection.ID2LABEL.contains(KnownLabels.fold(head.first().get(0))));
  }

  /**
   * Finds the columns.
   *
   * @throws DataFileException if one is missing or named twice, or it cannot be told
   */
  Found find(TableHead head) throws DataFileException {
    if (head.rows().get(0).problem() != null) {
      DelimitedRows.Row row = head.rows().get(0);
      throw new DataFileException(file, "line " + row.line() + ": " + row.problem());
    }
    if (byNumber()) {
      return byNumber(head.first());
    }
    if (isHeader(head.first()) || !isHeaderless(head)) {
      if (format.noHeader()) {
        throw DataFileException.withAdvice(
            file,
            "expected to be told the columns where there is no header, found "
                + found(head.first()),
            "--label-column and --text-column take their numbers");
      }
      return byName(head.first());
    }
    int label = label(head);
    return new Found(false, labels == null ? -1 : label, 1 - label);
  }

  private Found byNumber(List<String> first) throws DataFileException {
    int label = labels == null ? -1 : number(first, "label", format.labelColumn());
    int text = number(first, "text", format.textColumn());
    List<String> names = lowerCase(first);
    if (!format.noHeader()
        && hasOne(names, null, TEXT_NAMES)
        && (labels == null || hasOne(names, null, LABEL_NAMES))) {
      throw new DataFileException(
          file, "expected no header where columns are given by number, found " + found(first));
    }
    return different(new Found(false, label, text));
  }

  private int number(List<String> first, String what, String column) throws DataFileException {
    int number = Integer.parseInt(column);
    if (number < 1 || number > first.size()) {
      throw new DataFileException(
          file,
          what + " column: expected a number from 1 to " + first.size() + ", found " + number);
    }
    return number - 1;
  }

  private Found byName(List<String> header) throws DataFileException {
    int label = labels == null ? -1 : name(header, "label", format.labelColumn(), LABEL_NAMES);
    int text = name(header, "text", format.textColumn(), TEXT_NAMES);
    return different(new Found(true, label, text));
  }

  private int name(List<String> header, String what, String column, List<String> usual)
      throws DataFileException {
    List<String> names = lowerCase(header);
    for (String name : names(column, usual)) {
      int index = names.indexOf(name);
      if (index >= 0 && index != names.lastIndexOf(name)) {
        throw new DataFileException(
            file, "expected one column '" + name + "', found " + found(header));
      }
      if (index >= 0) {
        return index;
      }
    }
    String expected = column == null ? String.join(", ", usual) : "'" + Excerpt.of(column) + "'";
    String columns =
        labels == null
            ? "--text-column names another, or its number with --no-header"
            : "--label-column and --text-column name others, or their numbers with --no-header";
    throw DataFileException.withAdvice(
        file,
        "expected a header with the %s column (%s), found %s"
            .formatted(what, expected, found(header)),
        columns + ", and --delimiter what parts fields");
  }

  private Found different(Found found) throws DataFileException {
    if (found.label() == found.text()) {
      throw new DataFileException(
          file,
          "expected two columns, found column " + (found.text() + 1) + " for both label and text");
    }
    return found;
  }

  private static String found(List<String> row) {
    return "'" + Excerpt.of(String.join(",", row)) + "'";
  }

  private static List<String> lowerCase(List<String> names) {
    return names.stream()
        .map(name -> KnownLabels.strip(name).toLowerCase(Locale.ROOT))
        .collect(Collectors.toList());
  }
}
