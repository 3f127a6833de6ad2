package org.gpt2j.training.data;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads the texts and labels of a whole table: a CSV or TSV file of any dialect, the UCI format
 * ({@code ham|spam TAB text}, without a header), or a file of a split. Further columns do not
 * matter.
 *
 * <p>In the UCI format and in a table of ham and spam with the header {@code Label,Text} (see
 * {@link SplitFiles}) labels are ham and spam, or in the latter 0 and 1, and a text may be of space
 * alone. In any other table the labels are as they are, and a text of space alone is a broken row.
 *
 * @param format what is known about the table
 * @param maxBadRows how many broken rows are skipped with a warning
 */
public record TextTable(TableFormat format, int maxBadRows) {
  /**
   * @throws IllegalArgumentException if one column is a number and the other is none, or {@code
   *     maxBadRows} is negative
   */
  public TextTable {
    String label = format.labelColumn();
    String text = format.textColumn();
    if (TableFormat.isNumber(label) != TableFormat.isNumber(text)) {
      throw new IllegalArgumentException(
          "label and text column: expected two numbers, for a file without a header, or none, found "
              + label
              + " and "
              + text);
    }
    if (maxBadRows < 0) {
      throw new IllegalArgumentException("max bad rows: expected at least 0, found " + maxBadRows);
    }
  }

  /**
   * A table of which only the columns are known.
   *
   * @param labelColumn name or number of the column of labels, null to find it
   * @param textColumn name or number of the column of texts, null to find it
   * @param maxBadRows how many broken rows are skipped with a warning
   * @throws IllegalArgumentException if one column is a number and the other is none, or {@code
   *     maxBadRows} is negative
   */
  public TextTable(String labelColumn, String textColumn, int maxBadRows) {
    this(TableFormat.FOUND.withColumns(labelColumn, textColumn), maxBadRows);
  }

  /**
   * Reads all rows in the order of the file, with any labels.
   *
   * @param notes gets a line that says what was found out about the table, unless it is UTF-8 with
   *     commas or tabs; one that says which spellings of labels were taken for others; and one for
   *     each row that is skipped (ten at most, and how many there are): one with another number of
   *     columns than the first, with an open quote, or without a label or a text. A row with an
   *     open quote ends with its line
   * @throws DataFileException naming the file if it is missing, no text, lacks a column, has no
   *     rows, or has more than {@link #maxBadRows} broken ones
   */
  public List<LabeledText> read(Path file, PrintWriter notes) throws IOException {
    return read(file, KnownLabels.any(), notes);
  }

  /**
   * Reads all rows in the order of the file, with labels that are known.
   *
   * @param labels the classes that there are; a label that is none of them is refused by its line,
   *     or skipped where broken rows are
   * @param notes gets a line that says what was found out about the table, unless it is UTF-8 with
   *     commas or tabs; one that says which spellings of labels were taken for others; and one for
   *     each row that is skipped (ten at most, and how many there are): one with another number of
   *     columns than the first, with an open quote, or without a label or a text. A row with an
   *     open quote ends with its line
   * @throws DataFileException naming the file if it is missing, no text, lacks a column, has no
   *     rows, has a label that is not known, or more than {@link #maxBadRows} broken rows
   */
  public List<LabeledText> read(Path file, KnownLabels labels, PrintWriter notes)
      throws IOException {
    try (TableReader table = TableReader.labeled(file, format, labels)) {
      return new LabeledRows(table, maxBadRows, notes).read(labels);
    }
  }
}
