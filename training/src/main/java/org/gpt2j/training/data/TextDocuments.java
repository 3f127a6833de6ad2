package org.gpt2j.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Plain text cut into documents: a blank line ends one; in a file without blank lines each line is
 * one.
 */
public final class TextDocuments {
  private static final Pattern BLANK_LINE = Pattern.compile("\\n[ \\t]*\\n");
  private static final Pattern LINE_END = Pattern.compile("\\n");

  private TextDocuments() {}

  /**
   * Reads the documents of a UTF-8 file, none of them empty.
   *
   * @throws DataFileException naming the file, if it is missing, a directory, not UTF-8, or has no
   *     text
   */
  public static List<String> read(Path file) throws IOException {
    String text = Utf8File.read(file).replace("\r\n", "\n").strip();
    Pattern end = BLANK_LINE.matcher(text).find() ? BLANK_LINE : LINE_END;
    return end.splitAsStream(text).map(String::strip).filter(d -> !d.isEmpty()).toList();
  }
}
