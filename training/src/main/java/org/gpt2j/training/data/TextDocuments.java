package org.gpt2j.training.data;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
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
   * Reads the documents of a UTF-8 file, none of them empty; lines end in LF, CRLF or CR.
   *
   * @throws DataFileException naming the file, if it is missing, a directory, not UTF-8, of another
   *     kind than text, or has no text
   */
  public static List<String> read(Path file) throws IOException {
    String text = text(file).replace("\r\n", "\n").replace('\r', '\n').strip();
    if (text.isEmpty()) {
      throw new DataFileException(file, "expected text, found an empty file");
    }
    Pattern end = BLANK_LINE.matcher(text).find() ? BLANK_LINE : LINE_END;
    return end.splitAsStream(text).map(String::strip).filter(d -> !d.isEmpty()).toList();
  }

  private static String text(Path file) throws IOException {
    try (TextSource source = TextSource.of(file);
        Reader in = TextEncoding.find(source, StandardCharsets.UTF_8).open(source)) {
      StringWriter text = new StringWriter();
      in.transferTo(text);
      return text.toString();
    }
  }
}
