package org.gpt2j.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.SmsSpamCollection;
import org.gpt2j.training.data.SplitFiles;

/** Labelled messages from either kind of file. */
final class MessageFiles {
  private MessageFiles() {}

  /** Reads a file by its name's end: .csv is a CSV file, anything else the UCI format. */
  static List<LabeledText> read(Path file) throws IOException {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".csv")
        ? SplitFiles.read(file)
        : SmsSpamCollection.read(file, false);
  }
}
