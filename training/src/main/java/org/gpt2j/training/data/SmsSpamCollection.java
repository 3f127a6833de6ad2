package org.gpt2j.training.data;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Reads the file of the UCI SMS Spam Collection (Almeida and Hidalgo, DOI 10.24432/C5CC84) or one
 * in its format: one message a line, {@code label TAB text}, UTF-8, lines ended by LF or CRLF.
 * Empty lines are skipped, as pandas does.
 */
public final class SmsSpamCollection {
  /** The labels in the order of their ids. */
  public static final List<String> ID2LABEL = List.of("ham", "spam");

  /** The dialect of {@code pd.read_csv(sep='\t')}; text after a closing quote joins the field. */
  private static final CSVFormat PANDAS_TSV =
      CSVFormat.DEFAULT
          .builder()
          .setDelimiter('\t')
          .setQuote('"')
          .setTrailingData(true)
          .setIgnoreEmptyLines(false) // skipped below, so that line numbers stay right
          .get();

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
    return read(file, pandasQuoting, BadRows.none(file));
  }

  /**
   * The same, but skips broken lines.
   *
   * @param maxBadRows how many at most; with 0 the first one is refused as in {@link #read(Path,
   *     boolean)}
   * @param warnings gets a line for each that is skipped, ten at most
   */
  public static List<LabeledText> read(
      Path file, boolean pandasQuoting, int maxBadRows, PrintWriter warnings) throws IOException {
    BadRows bad = maxBadRows == 0 ? BadRows.none(file) : BadRows.upTo(file, maxBadRows);
    List<LabeledText> messages = read(file, pandasQuoting, bad);
    bad.report(warnings);
    if (messages.isEmpty()) {
      throw new DataFileException(file, "expected lines of label, tab, text, found none");
    }
    return messages;
  }

  /**
   * Whether the first line that is not blank begins with ham or spam and a tab, or has no tab at
   * all. Other files are for {@link TextTable}.
   *
   * @throws DataFileException if the file cannot be read
   */
  public static boolean isUciFormat(Path file) throws IOException {
    String line = Utf8File.read(file).lines().filter(l -> !l.isBlank()).findFirst().orElse("");
    int tab = line.indexOf('\t');
    return tab < 0 || ID2LABEL.contains(line.substring(0, tab));
  }

  private static List<LabeledText> read(Path file, boolean pandasQuoting, BadRows bad)
      throws IOException {
    String content = Utf8File.read(file);
    return pandasQuoting ? readQuoted(content, bad) : readLines(content, bad);
  }

  private static List<LabeledText> readLines(String content, BadRows bad) throws DataFileException {
    List<LabeledText> messages = new ArrayList<>();
    int lineNumber = 0;
    for (String rawLine : content.split("\n", -1)) {
      lineNumber++;
      String line = rawLine.endsWith("\r") ? rawLine.substring(0, rawLine.length() - 1) : rawLine;
      int tab = line.indexOf('\t');
      if (tab >= 0) {
        add(messages, bad, lineNumber, line.substring(0, tab), line.substring(tab + 1));
      } else if (!line.isBlank()) {
        bad.add(lineNumber, noTab(line));
      }
    }
    return messages;
  }

  private static List<LabeledText> readQuoted(String content, BadRows bad) throws IOException {
    List<LabeledText> messages = new ArrayList<>();
    long lineNumber = 1;
    try (CSVParser parser = CSVParser.parse(new StringReader(content), PANDAS_TSV)) {
      for (Iterator<CSVRecord> rows = parser.iterator(); rows.hasNext(); ) {
        CSVRecord row = rows.next();
        if (row.size() > 2) {
          bad.add(lineNumber, "expected one tab outside quotes, found " + (row.size() - 1));
        } else if (row.size() == 2) {
          add(messages, bad, lineNumber, row.get(0), row.get(1));
        } else if (!row.get(0).isBlank()) {
          bad.add(lineNumber, noTab(row.get(0)));
        }
        lineNumber = parser.getCurrentLineNumber() + 1;
      }
    } catch (UncheckedIOException e) {
      // The only thing the parser refuses in this dialect is the end of the file inside quotes.
      bad.add(lineNumber, "expected a closing quote, found the end of the file");
    }
    return messages;
  }

  private static void add(
      List<LabeledText> messages, BadRows bad, long lineNumber, String label, String text)
      throws DataFileException {
    try {
      messages.add(new LabeledText(checkLabel(label), text));
    } catch (IllegalArgumentException e) {
      bad.add(lineNumber, e.getMessage());
    }
  }

  /**
   * Gives the label back.
   *
   * @throws IllegalArgumentException if it is none of {@link #ID2LABEL}
   */
  static String checkLabel(String label) {
    if (!ID2LABEL.contains(label)) {
      throw new IllegalArgumentException(
          "expected the label ham or spam, found '" + Excerpt.of(label) + "'");
    }
    return label;
  }

  private static String noTab(String line) {
    return "expected label, tab, text, found no tab in '" + Excerpt.of(line) + "'";
  }
}
