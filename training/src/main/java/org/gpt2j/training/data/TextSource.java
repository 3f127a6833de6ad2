package org.gpt2j.training.data;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The bytes of a text, which can be read from the start as often as one likes: what encoding and
 * what quoting a table has is only known once all of it was seen. What comes as a stream is kept in
 * memory, beyond 1 MiB in a temporary file that goes with {@link #close}.
 */
final class TextSource implements Closeable {
  private static final int IN_MEMORY = 1 << 20;

  private final String name;
  private final byte[] bytes;
  private final Path file;
  private final boolean temporary;

  private TextSource(String name, byte[] bytes, Path file, boolean temporary) {
    this.name = name;
    this.bytes = bytes;
    this.file = file;
    this.temporary = temporary;
  }

  /**
   * A file; a pipe or a device is read to its end first, as it can be read only once.
   *
   * @throws DataFileException if there is none, it is a directory or cannot be read
   */
  static TextSource of(Path file) throws IOException {
    String name = file.toString();
    if (Files.isDirectory(file)) {
      throw new DataFileException(name, "expected a file, found a directory");
    }
    if (!Files.exists(file)) {
      throw new DataFileException(name, "no such file");
    }
    if (Files.isRegularFile(file)) {
      return new TextSource(name, null, file, false);
    }
    try (InputStream in = open(name, file)) {
      return of(name, in);
    }
  }

  /**
   * What a stream gives up to its end; the stream stays the caller's to close.
   *
   * @param name what errors call it
   */
  static TextSource of(String name, InputStream in) throws IOException {
    byte[] head = in.readNBytes(IN_MEMORY + 1);
    if (head.length <= IN_MEMORY) {
      return new TextSource(name, head, null, false);
    }
    Path file = Files.createTempFile("gpt2j-table-", ".tmp");
    boolean whole = false;
    try {
      Files.copy(new ByteArrayInputStream(head), file, StandardCopyOption.REPLACE_EXISTING);
      try (var rest = Files.newOutputStream(file, java.nio.file.StandardOpenOption.APPEND)) {
        in.transferTo(rest);
      }
      whole = true;
    } finally {
      if (!whole) {
        Files.deleteIfExists(file);
      }
    }
    return new TextSource(name, null, file, true);
  }

  private static InputStream open(String name, Path file) throws DataFileException {
    try {
      return Files.newInputStream(file);
    } catch (AccessDeniedException e) {
      throw new DataFileException(name, "no permission to read the file", e);
    } catch (IOException e) {
      throw new DataFileException(name, "cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /** Reads from the first byte on; the caller closes it. */
  InputStream open() throws DataFileException {
    return bytes != null ? new ByteArrayInputStream(bytes) : open(name, file);
  }

  /** How many bytes there are. */
  long size() throws IOException {
    return bytes != null ? bytes.length : Files.size(file);
  }

  /** What errors call it: a file's path. */
  String name() {
    return name;
  }

  /**
   * An error that names this text.
   *
   * @param problem what is wrong
   * @param advice what options of the programs could do, null for nothing
   */
  DataFileException problem(String problem, String advice) {
    return DataFileException.withAdvice(name, problem, advice);
  }

  /** An error that names this text. */
  DataFileException problem(String problem) {
    return new DataFileException(name, problem);
  }

  @Override
  public void close() throws IOException {
    if (temporary) {
      Files.deleteIfExists(file);
    }
  }
}
