package org.gpt2j.training.data;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
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

  private static final TableFormat FORMAT =
      TableFormat.FOUND.withDelimiter(',').withQuote('"').withEncoding(StandardCharsets.UTF_8);

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
   * Whether a table is a file of a split of ham and spam: a CSV with the header {@code Label,Text}
   * and ham or spam among its labels, or with no others than 0 and 1.
   */
  static boolean isSplit(TableLayout layout, Set<String> labels) {
    return layout.delimiter() == ','
        && HEADER.equals(layout.header())
        && (List.of("0", "1").containsAll(labels)
            || labels.stream()
                .map(KnownLabels::fold)
                .anyMatch(SmsSpamCollection.ID2LABEL::contains));
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
    return read(file, 0, new PrintWriter(PrintWriter.nullWriter()));
  }

  /**
   * Reads one CSV file with the header {@code Label,Text}, but skips broken rows; labels are ham
   * and spam, or 0 and 1 as Raschka's notebook writes them.
   *
   * @param maxBadRows how many at most; with 0 the first one is refused
   * @param warnings gets a line for each that is skipped, ten at most
   * @throws DataFileException naming the file if it is missing, empty, not UTF-8 or not such a CSV,
   *     or has more broken rows
   */
  public static List<LabeledText> read(Path file, int maxBadRows, PrintWriter warnings)
      throws IOException {
    checkHeader(file);
    try (TableReader table = TableReader.labeled(file, FORMAT, KnownLabels.hamOrSpam(true))) {
      return new LabeledRows(table, maxBadRows, warnings).readSplit();
    }
  }

  private static void checkHeader(Path file) throws IOException {
    try (TextSource source = TextSource.of(file);
        DelimitedRows rows =
            new DelimitedRows(
                TextEncoding.find(source, FORMAT.encoding()).open(source),
                ',',
                '"',
                DelimitedRows.ALL_COLUMNS,
                true)) {
      DelimitedRows.Row header = rows.next();
      if (header == null) {
        throw source.problem("expected text, found an empty file");
      }
      if (!HEADER.equals(header.fields())) {
        String found = Excerpt.of(String.join(",", header.fields()));
        throw source.problem("expected the header Label,Text, found '" + found + "'");
      }
    }
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
