package org.gpt2j.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Data beside the checkout that may not be committed. */
public final class SharedData {
  private static final Path ROOT = Path.of("../../shared");

  private SharedData() {}

  /**
   * The path of something under ../shared. Where it is missing the test is skipped by name with the
   * reason; in CI with ../shared present that is a failure.
   */
  public static Path require(String relative) {
    Path path = ROOT.resolve(relative);
    if (!Files.exists(path)) {
      String message = "skipped: needs " + path + ", which is not here";
      System.err.println(message);
      if ("true".equals(System.getenv("CI")) && Files.isDirectory(ROOT)) {
        throw new AssertionError("CI: " + message);
      }
      Assumptions.abort(message);
    }
    return path;
  }
}
