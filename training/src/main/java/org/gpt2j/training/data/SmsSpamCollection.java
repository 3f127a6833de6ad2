package org.gpt2j.training.data;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads the file of the UCI SMS Spam Collection (Almeida and Hidalgo, DOI 10.24432/C5CC84) or one
 * in its format: one message a line, {@code label TAB text}, UTF-8, lines ended by LF, CRLF or CR.
 * Empty lines are skipped, as pandas does; tabs at the end of a line too, which Excel writes for
 * empty columns. {@link TextTable} reads this format too, and finds out encodings.
 */
public final class SmsSpamCollection {
  /** The labels in the order of their ids. */
  public static final List<String> ID2LABEL = List.of("ham", "spam");

  private SmsSpamCollection() {}

  /**
   * Reads all messages in the order of the file.
   *
   * @param pandasQuoting false: a quote is an ordinary character and each line one message (5,574
   *     in the UCI file). True: quotes as {@code pd.read_csv(file, sep='\t', header=None,
   *     names=['Label', 'Text'])} takes them: a text that starts with a quote runs to the closing
   *     quote, over line ends if need be, so that some messages merge (5,572 in the UCI file).
   *     Texts such as {@code NA} stay text in both modes
   * @throws DataFileException naming file and line if the file is missing, empty or not UTF-8, or a
   *     line has no tab, no text or a label other than ham and spam
   */
  public static List<LabeledText> read(Path file, boolean pandasQuoting) throws IOException {
    return read(file, pandasQuoting, 0, new PrintWriter(PrintWriter.nullWriter()));
  }

  /**
   * Reads all messages in the order of the file, but skips broken lines.
   *
   * @param pandasQuoting false: a quote is an ordinary character and each line one message. True:
   *     quotes as {@code pd.read_csv(file, sep='\t', header=None, names=['Label', 'Text'])} takes
   *     them: a text that starts with a quote runs to the closing quote, over line ends if need be
   * @param maxBadRows how many lines are skipped at most; with 0 the first broken one is refused
   * @param warnings gets a line for each that is skipped, ten at most
   * @throws DataFileException naming the file if it is missing, empty or not UTF-8, has more than
   *     {@code maxBadRows} lines without a tab, a text or a label that is ham or spam, or no other
   */
  public static List<LabeledText> read(
      Path file, boolean pandasQuoting, int maxBadRows, PrintWriter warnings) throws IOException {
    TableFormat format =
        TableFormat.FOUND
            .withEncoding(StandardCharsets.UTF_8)
            .withQuote(pandasQuoting ? '"' : TableFormat.NO_QUOTE);
    try (TableReader table = TableReader.collection(file, format)) {
      return new LabeledRows(table, maxBadRows, warnings).read(KnownLabels.any());
    }
  }
}
