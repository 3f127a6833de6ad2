package org.gpt2j.training.data;

import java.io.IOException;
import java.nio.file.Path;

/** A data file that cannot be read or written; the message is one sentence that names the file. */
public final class DataFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, without the file's name. */
  private final String problem;

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
    this(file, problem, null, cause);
  }

  private DataFileException(String file, String problem, String advice, Throwable cause) {
    super(file + ": " + problem + (advice == null ? "" : "; " + advice), cause);
    this.problem = problem;
  }

  /**
   * With what a user of the programs can do.
   *
   * @param file its name, or what stands for it where the text came from elsewhere
   * @param advice ends the message; null for none
   */
  static DataFileException withAdvice(String file, String problem, String advice) {
    return new DataFileException(file, problem, advice, null);
  }

  /**
   * What is wrong, without the file's name and the programs' options that could help: for those who
   * have neither.
   */
  public String problem() {
    return problem;
  }
}
