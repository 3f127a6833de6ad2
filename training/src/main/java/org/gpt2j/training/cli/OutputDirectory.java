package org.gpt2j.training.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out before the work whether its result can be saved. */
final class OutputDirectory {
  private OutputDirectory() {}

  /**
   * @param dir where a model goes, made later if need be
   * @param otherWeights a file that makes it the directory of another kind of model
   * @throws IOException if it is a file, cannot be made or written to, or holds the other kind,
   *     which a reader might take for this one
   */
  static void check(Path dir, String otherWeights) throws IOException {
    Path existing = dir.toAbsolutePath();
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      throw new IOException(
          "--output " + dir + ": expected a directory to write into, found the file " + existing);
    }
    if (!Files.isWritable(existing)) {
      throw new IOException("--output " + dir + ": no permission to write into " + existing);
    }
    if (Files.exists(dir.resolve(otherWeights))) {
      throw new IOException(
          "--output "
              + dir
              + ": expected no model of another kind, found "
              + otherWeights
              + "; choose another directory");
    }
  }
}
