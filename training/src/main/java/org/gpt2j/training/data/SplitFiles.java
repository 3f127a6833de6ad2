package org.gpt2j.training.data;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.QuoteMode;
import org.gpt2j.io.AtomicFile;

/**
 * The CSV files of a split: {@code train.csv}, {@code validation.csv} and {@code test.csv} with the
 * columns {@code Label,Text} (RFC 4180, UTF-8, LF, every field in quotes: the bytes of pandas'
 * {@code df.to_csv(index=False, quoting=csv.QUOTE_ALL, lineterminator='\n')}).
 *
 * <p>{@code pandas.read_csv} gives the same strings back, with one catch: it turns texts such as
 * {@code NA} or {@code null} into NaN, quoted or not ({@link #readAsMissingByPandas}). They are
 * written as they are, and {@link #read} gives them back; with pandas use {@code read_csv(path,
 * dtype=str, keep_default_na=False)}. An empty text cannot occur, see {@link LabeledText}.
 */
public final class SplitFiles {
  /** Name of the file with the training rows. */
  public static final String TRAIN = "train.csv";

  /** Name of the file with the validation rows. */
  public static final String VALIDATION = "validation.csv";

  /** Name of the file with the test rows. */
  public static final String TEST = "test.csv";

  private static final List<String> HEADER = List.of("Label", "Text");

  private static final CSVFormat CSV =
      CSVFormat.RFC4180.builder().setRecordSeparator('\n').setQuoteMode(QuoteMode.ALL).get();

  /** pandas 3.1 {@code STR_NA_VALUES}, less the empty string. */
  private static final List<String> PANDAS_MISSING =
      List.of(
          "#N/A",
          "#N/A N/A",
          "#NA",
          "-1.#IND",
          "-1.#QNAN",
          "-NaN",
          "-nan",
          "1.#IND",
          "1.#QNAN",
          "<NA>",
          "N/A",
          "NA",
          "NULL",
          "NaN",
          "None",
          "n/a",
          "nan",
          "null");

  private SplitFiles() {}

  /** Whether {@code pandas.read_csv} with its defaults reads the text back as NaN. */
  public static boolean readAsMissingByPandas(String text) {
    return PANDAS_MISSING.contains(text);
  }

  /**
   * Writes the three files into a directory, which is made if need be. All three are first written
   * in full under temporary names and only then moved into place, so that an error (disk full, no
   * permission) leaves what was there before. Only a failure of a move itself, which follows the
   * checks made here, could leave files of two splits side by side; the error is then thrown too.
   *
   * @throws DataFileException if a file cannot be written
   */
  public static void write(Path directory, BalancedSplit split) throws IOException {
    List<String> names = List.of(TRAIN, VALIDATION, TEST);
    List<List<LabeledText>> parts = List.of(split.train(), split.validation(), split.test());
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new DataFileException(directory, "expected a directory to write into, found a file");
    }
    for (String name : names) {
      if (Files.isDirectory(directory.resolve(name))) {
        throw new DataFileException(
            directory.resolve(name), "expected a file or nothing, found a directory");
      }
    }
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new DataFileException(
          directory, "cannot make this directory (" + e.getMessage() + ")", e);
    }
    Map<Path, AtomicFile.Content> files = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      List<LabeledText> rows = parts.get(i);
      files.put(directory.resolve(names.get(i)), channel -> writePart(channel, rows));
    }
    try {
      AtomicFile.writeAll(files);
    } catch (IOException e) {
      throw new DataFileException(
          directory, "cannot write the split here (" + e.getMessage() + "), run it again", e);
    }
  }

  /**
   * Reads one CSV file with the header {@code Label,Text}; labels are ham and spam, or 0 and 1 as
   * Raschka's notebook writes them.
   *
   * @throws DataFileException naming file and row (the first row below the header is row 1) if the
   *     file is missing, empty, not UTF-8 or not such a CSV
   */
  public static List<LabeledText> read(Path file) throws IOException {
    String content = Utf8File.read(file);
    List<LabeledText> rows = new ArrayList<>();
    try (CSVParser parser = CSVParser.parse(new StringReader(content), CSV)) {
      Iterator<CSVRecord> records = parser.iterator();
      List<String> header = records.next().toList();
      if (!header.equals(HEADER)) {
        throw new DataFileException(
            file,
            "expected the header Label,Text, found '" + Excerpt.of(String.join(",", header)) + "'");
      }
      while (records.hasNext()) {
        CSVRecord row = records.next();
        boolean emptyLine = row.size() == 1 && row.get(0).isEmpty();
        if (!emptyLine) {
          rows.add(labeledText(file, rows.size() + 1, row));
        }
      }
    } catch (UncheckedIOException e) {
      throw new DataFileException(
          file,
          "row " + (rows.size() + 1) + " is not valid CSV (" + e.getCause().getMessage() + ")",
          e);
    }
    if (rows.isEmpty()) {
      throw new DataFileException(file, "expected rows below the header, found none");
    }
    return rows;
  }

  private static LabeledText labeledText(Path file, int rowNumber, CSVRecord row)
      throws DataFileException {
    if (row.size() != 2) {
      throw new DataFileException(
          file, "row " + rowNumber + ": expected 2 columns, found " + row.size());
    }
    String label = row.get(0);
    if (label.equals("0") || label.equals("1")) {
      label = LabeledText.ID2LABEL.get(Integer.parseInt(label));
    }
    try {
      return new LabeledText(label, row.get(1));
    } catch (IllegalArgumentException e) {
      throw new DataFileException(file, "row " + rowNumber + ": " + e.getMessage(), e);
    }
  }

  private static void writePart(FileChannel channel, List<LabeledText> rows) throws IOException {
    // Not closed: the channel is the caller's.
    CSVPrinter printer =
        new CSVPrinter(Channels.newWriter(channel, StandardCharsets.UTF_8.newEncoder(), -1), CSV);
    printer.printRecord(HEADER);
    for (LabeledText row : rows) {
      printer.printRecord(row.label(), row.text());
    }
    printer.flush();
  }
}
