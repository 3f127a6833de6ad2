package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.TextTable;
import picocli.CommandLine.Option;

/** Where a table of messages has its labels and texts, and how many of its rows may be broken. */
final class TableOptions {
  @Option(
      names = "--label-column",
      paramLabel = "NAME|N",
      description =
          "Column of the labels: its name, or its number where there is no header (default: label,"
              + " category, class, target or v1).")
  private String labelColumn;

  @Option(
      names = "--text-column",
      paramLabel = "NAME|N",
      description = "Column of the texts (default: text, message, sms, sentence, content or v2).")
  private String textColumn;

  @Option(
      names = "--max-bad-rows",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Broken rows of a file that are skipped with a warning (default: ${DEFAULT-VALUE}).")
  private int maxBadRows;

  /** Whether a column is named, so that the file is a table. */
  boolean nameColumns() {
    return labelColumn != null || textColumn != null;
  }

  int maxBadRows() {
    if (maxBadRows < 0) {
      throw new IllegalArgumentException(
          "--max-bad-rows: expected at least 0, found " + maxBadRows);
    }
    return maxBadRows;
  }

  List<LabeledText> read(Path file, PrintWriter warnings) throws IOException {
    return new TextTable(labelColumn, textColumn, maxBadRows()).read(file, warnings);
  }
}
