package org.gpt2j.training.data;

import java.io.IOException;
import java.nio.file.Path;

/** A data file that cannot be read or written; the message is one sentence that names the file. */
public final class DataFileException extends IOException {
  private static final long serialVersionUID = 1L;

  DataFileException(Path file, String problem) {
    super(file + ": " + problem);
  }

  DataFileException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
