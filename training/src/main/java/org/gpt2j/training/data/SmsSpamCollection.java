package org.gpt2j.training.data;

import java.io.IOException;
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
    String content = Utf8File.read(file);
    return pandasQuoting ? readQuoted(file, content) : readLines(file, content);
  }

  private static List<LabeledText> readLines(Path file, String content) throws DataFileException {
    List<LabeledText> messages = new ArrayList<>();
    int lineNumber = 0;
    for (String rawLine : content.split("\n", -1)) {
      lineNumber++;
      String line = rawLine.endsWith("\r") ? rawLine.substring(0, rawLine.length() - 1) : rawLine;
      int tab = line.indexOf('\t');
      if (tab < 0 && line.isBlank()) {
        continue;
      }
      if (tab < 0) {
        throw noTab(file, lineNumber, line);
      }
      messages.add(message(file, lineNumber, line.substring(0, tab), line.substring(tab + 1)));
    }
    return messages;
  }

  private static List<LabeledText> readQuoted(Path file, String content) throws IOException {
    List<LabeledText> messages = new ArrayList<>();
    long lineNumber = 1;
    try (CSVParser parser = CSVParser.parse(new StringReader(content), PANDAS_TSV)) {
      for (Iterator<CSVRecord> rows = parser.iterator(); rows.hasNext(); ) {
        CSVRecord row = rows.next();
        boolean blankLine = row.size() == 1 && row.get(0).isBlank();
        if (row.size() == 1 && !blankLine) {
          throw noTab(file, lineNumber, row.get(0));
        }
        if (row.size() > 2) {
          throw new DataFileException(
              file,
              "line "
                  + lineNumber
                  + ": expected one tab outside quotes, found "
                  + (row.size() - 1));
        }
        if (!blankLine) {
          messages.add(message(file, lineNumber, row.get(0), row.get(1)));
        }
        lineNumber = parser.getCurrentLineNumber() + 1;
      }
    } catch (UncheckedIOException e) {
      // The only thing the parser refuses in this dialect is the end of the file inside quotes.
      throw new DataFileException(
          file, "line " + lineNumber + ": expected a closing quote, found the end of the file", e);
    }
    return messages;
  }

  private static LabeledText message(Path file, long lineNumber, String label, String text)
      throws DataFileException {
    try {
      return new LabeledText(label, text);
    } catch (IllegalArgumentException e) {
      throw new DataFileException(file, "line " + lineNumber + ": " + e.getMessage(), e);
    }
  }

  private static DataFileException noTab(Path file, long lineNumber, String line) {
    return new DataFileException(
        file,
        "line "
            + lineNumber
            + ": expected label, tab, text, found no tab in '"
            + Excerpt.of(line)
            + "'");
  }
}
