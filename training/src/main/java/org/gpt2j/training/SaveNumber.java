package org.gpt2j.training;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gpt2j.io.JsonFile;

/**
 * The order in which trainings wrote into an output directory: each checkpoint, and at last the
 * directory itself, holds a number above all that were there before. Unlike a file's time it is
 * right after a copy, and after a clock that was set back.
 */
final class SaveNumber {
  static final String FILE_NAME = "save_number.json";
  private static final String KEY = "save_number";

  /** Far above what any training counts to, and far from where a long ends. */
  private static final long LARGEST = 1L << 53;

  private SaveNumber() {}

  static void write(Path dir, long number) throws IOException {
    JsonFile.write(dir.resolve(FILE_NAME), JsonFile.parse("{}").put(KEY, number));
  }

  /**
   * 0 where there is none, as in what earlier versions wrote, or none that can be read: whether a
   * checkpoint is whole is asked elsewhere.
   */
  static long read(Path dir) {
    Path file = dir.resolve(FILE_NAME);
    if (!Files.isRegularFile(file)) {
      return 0;
    }
    try {
      JsonNode number = JsonFile.read(file).path(KEY);
      boolean counts = number.isIntegralNumber() && number.canConvertToLong();
      return counts && number.longValue() <= LARGEST ? Math.max(number.longValue(), 0) : 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
