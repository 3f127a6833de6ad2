package org.gpt2j.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
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

  /**
   * Makes a directory that nobody else may write into, where it is missing.
   *
   * @throws IOException naming the directory, if it cannot be made or written into, or if what is
   *     there is a link, another user's, or open to others: who shares a temporary directory could
   *     have put it there
   */
  public static void createPrivate(Path dir) throws IOException {
    AtomicFile.createDirectories(dir.toAbsolutePath().getParent());
    boolean posix = dir.getFileSystem().supportedFileAttributeViews().contains("posix");
    try {
      if (posix) {
        Files.createDirectory(
            dir,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createDirectory(dir);
      }
    } catch (FileAlreadyExistsException e) {
      // What it is shows below.
    } catch (IOException e) {
      throw new IOException(dir + ": the directory cannot be made: " + e, e);
    }
    if (!Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(dir + ": expected a directory, found a file or a link");
    }
    if (posix && !isOurs(dir)) {
      throw new IOException(dir + ": expected a directory that only this user may write into");
    }
  }

  private static boolean isOurs(Path dir) throws IOException {
    PosixFileAttributes found = Files.readAttributes(dir, PosixFileAttributes.class);
    if (found.permissions().contains(PosixFilePermission.GROUP_WRITE)
        || found.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
      return false;
    }
    Path own;
    try {
      own = Files.createTempFile(dir, ".owner-", "");
    } catch (IOException e) {
      throw new IOException(dir + ": the directory cannot be written into: " + e, e);
    }
    try {
      return Files.getOwner(own).equals(found.owner());
    } finally {
      Files.delete(own);
    }
  }

  /**
   * Waits until the names in a directory are on disk, where the system can do that: also on a
   * thread that is interrupted, since what has been moved is to stay.
   */
  public static void sync(Path dir) {
    boolean interrupted = Thread.interrupted();
    try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no directories; its file system keeps a journal of names.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
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
