package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.gpt2j.training.data.KnownLabels;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.TableFormat;
import org.gpt2j.training.data.TextTable;
import picocli.CommandLine.Option;

/** What a table of messages is like, as far as that is not to be found out. */
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
      names = "--no-header",
      description = "The first row is one of data (default: found out where labels are known).")
  private boolean noHeader;

  @Option(
      names = "--delimiter",
      paramLabel = "C",
      description = "What parts columns, `tab` for a tab (default: found among , tab ; and |).")
  private String delimiter;

  @Option(
      names = "--quote",
      paramLabel = "C",
      description =
          "What stands around fields, `none` where quotes are ordinary characters (default: \", or"
              + " found out; none in the UCI format).")
  private String quote;

  @Option(
      names = "--pandas-quoting",
      description =
          "Read quotes in the UCI format as pandas.read_csv does by default, so that some messages"
              + " merge; otherwise a quote is an ordinary character there.")
  private boolean pandasQuoting;

  @Option(
      names = "--encoding",
      paramLabel = "NAME",
      description =
          "How characters are encoded, such as windows-1252 (default: by the byte order mark, else"
              + " UTF-8 where all of it is, else Windows-1252).")
  private String encoding;

  @Option(
      names = "--max-bad-rows",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Broken rows of a file that are skipped with a warning (default: ${DEFAULT-VALUE}).")
  private int maxBadRows;

  int maxBadRows() {
    if (maxBadRows < 0) {
      throw new IllegalArgumentException(
          "--max-bad-rows: expected at least 0, found " + maxBadRows);
    }
    return maxBadRows;
  }

  /** What is said. */
  TableFormat format() {
    if (pandasQuoting && (labelColumn != null || textColumn != null)) {
      throw new IllegalArgumentException(
          "--pandas-quoting goes with the UCI format, which has no --label-column or --text-column");
    }
    if (pandasQuoting && quote != null) {
      throw new IllegalArgumentException("--pandas-quoting does not go with --quote");
    }
    return new TableFormat(
        labelColumn,
        textColumn,
        noHeader,
        delimiter(),
        quote(),
        encoding == null ? null : charset());
  }

  /**
   * What is said of a table that is read for its texts alone.
   *
   * @throws IllegalArgumentException if a column of labels is named
   */
  TableFormat textFormat() {
    if (labelColumn != null) {
      throw new IllegalArgumentException(
          "--label-column: expected none where labels are made, found '" + labelColumn + "'");
    }
    return format();
  }

  /** Whether anything is said. */
  boolean isGiven() {
    return !format().equals(TableFormat.FOUND) || maxBadRows() > 0;
  }

  private Character delimiter() {
    if (delimiter == null) {
      return null;
    }
    return delimiter.equals("tab") || delimiter.equals("\\t")
        ? '\t'
        : character("--delimiter", delimiter, "tab");
  }

  private Character quote() {
    if (pandasQuoting) {
      return '"';
    }
    if (quote == null) {
      return null;
    }
    return quote.equals("none") ? TableFormat.NO_QUOTE : character("--quote", quote, "none");
  }

  private static char character(String option, String value, String word) {
    if (value.length() != 1) {
      throw new IllegalArgumentException(
          option + ": expected one character or the word " + word + ", found '" + value + "'");
    }
    return value.charAt(0);
  }

  /** By its name in Java or, as far as people know them, in Python. */
  private Charset charset() {
    String name = encoding.toLowerCase(Locale.ROOT).replace('_', '-');
    String java = name.equals("utf-8-sig") ? "utf-8" : name.replace("latin-", "latin");
    try {
      return Charset.forName(java);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      throw new IllegalArgumentException(
          "--encoding: expected an encoding such as utf-8 or windows-1252, found '"
              + encoding
              + "'",
          e);
    }
  }

  /**
   * Reads a table with its labels.
   *
   * @param labels the classes that there are
   * @param notes gets what was found out and what is skipped
   */
  List<LabeledText> read(Path file, KnownLabels labels, PrintWriter notes) throws IOException {
    int bad = maxBadRows();
    return new TextTable(format(), bad).read(file, labels, notes);
  }
}
