package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.SmsSpamCollection;
import org.gpt2j.training.data.SplitFiles;

/** Labelled messages from any kind of file. */
final class MessageFiles {
  private MessageFiles() {}

  /** Reads a file of any kind, none of its rows broken. */
  static List<LabeledText> read(Path file) throws IOException {
    return read(file, new TableOptions(), new PrintWriter(PrintWriter.nullWriter()));
  }

  /**
   * Reads a table where a column is named; else a file whose name ends in .csv as ham and spam of a
   * split or as a table, and any other in the UCI format or as a table.
   */
  static List<LabeledText> read(Path file, TableOptions table, PrintWriter warnings)
      throws IOException {
    if (table.nameColumns()) {
      return table.read(file, warnings);
    }
    boolean csv = file.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
    if (csv && SplitFiles.isHamOrSpam(file)) {
      return SplitFiles.read(file, table.maxBadRows(), warnings);
    }
    if (!csv && SmsSpamCollection.isUciFormat(file)) {
      return SmsSpamCollection.read(file, false, table.maxBadRows(), warnings);
    }
    return table.read(file, warnings);
  }

  /** The same, but with pandasQuoting the file must be in the UCI format. */
  static List<LabeledText> read(
      Path file, boolean pandasQuoting, TableOptions table, PrintWriter warnings)
      throws IOException {
    if (!pandasQuoting) {
      return read(file, table, warnings);
    }
    if (table.nameColumns()) {
      throw new IllegalArgumentException(
          "--pandas-quoting goes with the UCI format, which has no --label-column or --text-column");
    }
    return SmsSpamCollection.read(file, true, table.maxBadRows(), warnings);
  }
}
