package org.gpt2j.training.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a whole text file as strict UTF-8. */
final class Utf8File {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private Utf8File() {}

  /**
   * The text of the file, without a byte order mark.
   *
   * @throws DataFileException if the file is missing, a directory, empty, unreadable, not UTF-8 or
   *     holds a NUL character (the sign of UTF-16, and the place where pandas would cut the text)
   */
  static String read(Path file) throws DataFileException {
    if (Files.isDirectory(file)) {
      throw new DataFileException(file, "expected a file, found a directory");
    }
    if (!Files.exists(file)) {
      throw new DataFileException(file, "no such file");
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (AccessDeniedException e) {
      throw new DataFileException(file, "no permission to read the file", e);
    } catch (IOException e) {
      throw new DataFileException(file, "cannot be read (" + e.getMessage() + ")", e);
    }
    String text = decode(file, bytes);
    if (!text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) {
      text = text.substring(1);
    }
    if (text.isBlank()) {
      throw new DataFileException(file, "expected text, found an empty file");
    }
    int nul = text.indexOf('\0');
    if (nul >= 0) {
      long line = 1 + text.substring(0, nul).chars().filter(c -> c == '\n').count();
      throw new DataFileException(
          file, "line " + line + ": expected UTF-8 text, found a NUL character (is it UTF-16?)");
    }
    return text;
  }

  private static String decode(Path file, byte[] bytes) throws DataFileException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    // A new decoder reports malformed bytes and leaves the input position on them.
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      int line = 1;
      for (int i = 0; i < in.position(); i++) {
        if (bytes[i] == '\n') {
          line++;
        }
      }
      throw new DataFileException(
          file,
          String.format(
              "line %s: expected UTF-8, found the byte 0x%02X where no character can start or go on",
              line, bytes[in.position()]));
    }
    return out.flip().toString();
  }
}
