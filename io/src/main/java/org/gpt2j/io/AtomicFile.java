package org.gpt2j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
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

  /** The content that an array holds. */
  public static Content bytes(byte[] bytes) {
    return channel -> {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
    };
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
   * @throws java.io.InterruptedIOException if the thread is interrupted
   * @throws IOException if the directory does not exist, the target is a directory or writing fails
   */
  public static void write(Path target, Content content) throws IOException {
    writeAll(Map.of(target, content));
  }

  /**
   * Writes several files that belong together: all are whole on disk before the first one is moved
   * into place, so that a full disk leaves every target as it was.
   *
   * @throws IOException as {@link #write} does
   */
  public static void writeAll(Map<Path, Content> files) throws IOException {
    Map<Path, Path> temporaries = new LinkedHashMap<>();
    for (Path target : files.keySet()) {
      temporaries.put(target, temporary(target));
    }
    Path current = null;
    try {
      for (Map.Entry<Path, Path> e : temporaries.entrySet()) {
        current = e.getKey();
        fill(e.getValue(), files.get(current));
      }
      for (Map.Entry<Path, Path> e : temporaries.entrySet()) {
        current = e.getKey();
        Files.move(
            e.getValue(),
            current,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      Interruption.rethrow(current + ": cannot be written", e);
      throw new IOException(current + ": cannot be written: " + e, e);
    } finally {
      for (Path temporary : temporaries.values()) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  private static Path temporary(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      throw new IOException(target + ": expected a file to write, found a directory");
    }
    Path directory = target.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw new IOException(
          target + ": cannot be written, the directory " + directory + " does not exist");
    }
    return directory.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
  }

  private static void fill(Path temporary, Content content) throws IOException {
    // Not Files.createTempFile, which would leave a file that only its owner may read.
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.writeTo(channel);
      channel.force(true);
    }
  }
}
