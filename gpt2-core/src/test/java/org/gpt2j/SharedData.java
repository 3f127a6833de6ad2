package org.gpt2j;

import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The data that lies beside the project, not in it. */
public final class SharedData {
  private static final Path SHARED = Path.of("../../shared");

  private SharedData() {}

  /**
   * A file or directory in ../../shared; skips the test if it is not there, or fails it in CI where
   * it must be.
   */
  public static Path path(String name) {
    Path path = SHARED.resolve(name);
    if (!Files.exists(path)) {
      if ("true".equals(System.getenv("CI")) && Files.isDirectory(SHARED)) {
        fail("CI has ../../shared but not " + path);
      }
      Assumptions.abort(path.toAbsolutePath() + " is missing");
    }
    return path;
  }
}
