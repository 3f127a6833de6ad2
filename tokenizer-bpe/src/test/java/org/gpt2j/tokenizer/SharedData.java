package org.gpt2j.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Data beside the repository that is not part of it. */
final class SharedData {
  private static final Path ROOT = Path.of("..", "..", "shared");

  private SharedData() {}

  /**
   * A path below {@code ../shared}. Where it is missing the test is reported as skipped; but it
   * fails in CI (environment variable {@code CI=true}) where the directory as such is there.
   */
  static Path require(String name) {
    Path path = ROOT.resolve(name);
    if (!Files.exists(path)) {
      String message = "missing test data: " + path.toAbsolutePath().normalize();
      if ("true".equals(System.getenv("CI")) && Files.isDirectory(ROOT)) {
        Assertions.fail(message);
      }
      System.err.println("skipped: " + message);
      Assumptions.abort(message);
    }
    return path;
  }
}
