package org.gpt2j.training.data;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Plain text cut into documents: a blank line ends one; in a file without blank lines each line is
 * one.
 */
public final class TextDocuments {
  private TextDocuments() {}

  /**
   * Reads the documents of a UTF-8 file, none of them empty.
   *
   * @throws DataFileException if it is missing, no UTF-8, or has no text
   */
  public static List<String> read(Path file) throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new DataFileException(file, "no such file");
    } catch (CharacterCodingException e) {
      throw new DataFileException(file, "expected UTF-8 text, found bytes that are none");
    }
    text = text.replace("\r\n", "\n").strip();
    String separator = text.matches("(?s).*\\n[ \\t]*\\n.*") ? "\\n[ \\t]*\\n\\s*" : "\\n";
    List<String> documents = new ArrayList<>();
    for (String document : text.split(separator)) {
      if (!document.isBlank()) {
        documents.add(document.strip());
      }
    }
    if (documents.isEmpty()) {
      throw new DataFileException(file, "expected text, found none");
    }
    return documents;
  }
}
