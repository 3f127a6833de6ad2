package org.gpt2j.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Replaces a file as a whole or not at all: the content goes to a temporary file beside the target,
 * is forced to disk and then moved into place atomically. A reader that has the old file open or
 * mapped keeps the old content.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes the content of the new file. */
  @FunctionalInterface
  public interface Content {
    /** Writes everything to the channel, which the caller closes. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Makes a directory to write into, and those above it, where they are missing.
   *
   * @throws IOException naming the directory, if a file is in its place or it cannot be made
   */
  public static void createDirectories(Path directory) throws IOException {
    if (Files.isRegularFile(directory)) {
      throw new IOException(directory + ": expected a directory to save into, found a file");
    }
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new IOException(directory + ": the directory cannot be made: " + e, e);
    }
  }

  /**
   * Writes {@code target}, replacing what is there. On failure the target is as it was and the
   * temporary file is gone.
   *
   * @throws IOException if the directory does not exist, the target is a directory or writing fails
   */
  public static void write(Path target, Content content) throws IOException {
    if (Files.isDirectory(target)) {
      throw new IOException(target + ": expected a file to write, found a directory");
    }
    Path directory = target.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw new IOException(
          target + ": cannot be written, the directory " + directory + " does not exist");
    }
    Path temporary =
        directory.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      // Not Files.createTempFile, which would leave a file that only its owner may read.
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new IOException(target + ": cannot be written: " + e, e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
