package org.gpt2j.training.data;

import java.io.IOException;
import java.nio.file.Path;

/** A data file that cannot be read or written; the message is one sentence that names the file. */
public final class DataFileException extends IOException {
  private static final long serialVersionUID = 1L;

  DataFileException(Path file, String problem) {
    this(file.toString(), problem, null);
  }

  DataFileException(Path file, String problem, Throwable cause) {
    this(file.toString(), problem, cause);
  }

  /**
   * @param file its name, or what stands for it where the text came from elsewhere
   */
  DataFileException(String file, String problem) {
    this(file, problem, null);
  }

  /**
   * @param file its name, or what stands for it where the text came from elsewhere
   * @param cause may be null
   */
  DataFileException(String file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
