package org.gpt2j.training.data;

import java.io.IOException;
import java.io.PrintWriter;
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
import java.util.Set;
import java.util.stream.Collectors;
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

  /**
   * Above labels of other names, so that {@link TextTable} reads them: HEADER means ham and spam.
   */
  private static final List<String> OTHER_HEADER = List.of("label", "text");

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
   * Whether a file is to be read by {@link #read}: a CSV with the header {@code Label,Text} and ham
   * or spam among its labels, or with no others than 0 and 1. So is one that begins with ham or
   * spam in place of a header, which {@link #read} refuses. Others are for {@link TextTable}.
   *
   * @throws DataFileException if the file cannot be read
   */
  public static boolean isHamOrSpam(Path file) throws IOException {
    List<CsvRows.Row> rows = CsvRows.read(Utf8File.read(file), ',');
    List<String> header = rows.get(0).fields();
    if (!HEADER.equals(header)) {
      return header != null && SmsSpamCollection.ID2LABEL.contains(header.get(0));
    }
    Set<String> labels =
        rows.stream()
            .skip(1)
            .filter(row -> row.fields() != null)
            .map(row -> row.fields().get(0))
            .collect(Collectors.toSet());
    return List.of("0", "1").containsAll(labels)
        || labels.stream().anyMatch(SmsSpamCollection.ID2LABEL::contains);
  }

  /**
   * Writes the three files into a directory, which is made if need be. All three are first written
   * in full under temporary names and only then moved into place, so that an error (disk full, no
   * permission) leaves what was there before. Only a failure of a move itself, which follows the
   * checks made here, could leave files of two splits side by side; the error is then thrown too.
   *
   * <p>Labels other than ham and spam get the header {@code label,text}.
   *
   * @throws DataFileException if a file cannot be written
   */
  public static void write(Path directory, DataSplit split) throws IOException {
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
    List<String> header = split.isHamOrSpam() ? HEADER : OTHER_HEADER;
    Map<Path, AtomicFile.Content> files = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      List<LabeledText> rows = parts.get(i);
      files.put(directory.resolve(names.get(i)), channel -> writePart(channel, header, rows));
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

  /**
   * The same, but skips broken rows.
   *
   * @param maxBadRows how many at most; with 0 the first one is refused as in {@link #read(Path)}
   * @param warnings gets a line for each that is skipped, ten at most
   */
  public static List<LabeledText> read(Path file, int maxBadRows, PrintWriter warnings)
      throws IOException {
    return maxBadRows == 0
        ? read(file)
        : new TextTable("Label", "Text", maxBadRows).read(file, SplitFiles::label, warnings);
  }

  private static LabeledText labeledText(Path file, int rowNumber, CSVRecord row)
      throws DataFileException {
    if (row.size() != 2) {
      throw new DataFileException(
          file, "row " + rowNumber + ": expected 2 columns, found " + row.size());
    }
    try {
      return new LabeledText(label(row.get(0)), row.get(1));
    } catch (IllegalArgumentException e) {
      throw new DataFileException(file, "row " + rowNumber + ": " + e.getMessage(), e);
    }
  }

  /** The name of a label that may be its number. */
  private static String label(String label) {
    boolean number = label.equals("0") || label.equals("1");
    return number
        ? SmsSpamCollection.ID2LABEL.get(Integer.parseInt(label))
        : SmsSpamCollection.checkLabel(label);
  }

  private static void writePart(FileChannel channel, List<String> header, List<LabeledText> rows)
      throws IOException {
    // Not closed: the channel is the caller's.
    CSVPrinter printer =
        new CSVPrinter(Channels.newWriter(channel, StandardCharsets.UTF_8.newEncoder(), -1), CSV);
    printer.printRecord(header);
    for (LabeledText row : rows) {
      printer.printRecord(row.label(), row.text());
    }
    printer.flush();
  }
}
