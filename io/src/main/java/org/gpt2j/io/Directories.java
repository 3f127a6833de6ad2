package org.gpt2j.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories that appear, change and go as a whole. */
public final class Directories {
  private Directories() {}

  /** Writes files into a directory that is there. */
  @FunctionalInterface
  public interface Content {
    void writeTo(Path dir) throws IOException;
  }

  /** Deletes a directory with everything in it, if it is there. */
  public static void delete(Path dir) throws IOException {
    if (!Files.exists(dir)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(dir)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path p : deepestFirst) {
      Files.delete(p);
    }
  }

  /** Waits until the names in a directory are on disk, where the system can do that. */
  public static void sync(Path dir) {
    try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no directories; its file system keeps a journal of names.
    }
  }

  /**
   * Saves over the files of a directory: every new file is whole before the first one takes the
   * place of an old one, so that a full disk leaves the old ones as they were.
   */
  public static void replaceFiles(Path dir, Content content) throws IOException {
    Path temporary = dir.resolve(".saving.tmp");
    delete(temporary);
    Files.createDirectories(temporary);
    try {
      content.writeTo(temporary);
      List<Path> written;
      try (Stream<Path> files = Files.list(temporary)) {
        written = files.toList();
      }
      for (Path file : written) {
        Files.move(
            file,
            dir.resolve(file.getFileName()),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
      sync(dir);
    } finally {
      delete(temporary);
    }
  }
}
