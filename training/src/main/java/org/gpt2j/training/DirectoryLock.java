package org.gpt2j.training;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps a directory for one training, against other processes and in this one. */
final class DirectoryLock implements AutoCloseable {
  private static final String FILE_NAME = ".training.lock";

  /**
   * Directories that this process holds. A second channel on a file with a lock must not even be
   * opened: on POSIX systems closing it would let go of the lock.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path dir;
  private final FileChannel channel;

  private DirectoryLock(Path dir, FileChannel channel) {
    this.dir = dir;
    this.channel = channel;
  }

  /**
   * @param dir that is there
   * @return null if another training holds it
   * @throws IOException if the directory cannot be written to
   */
  static DirectoryLock tryLock(Path dir) throws IOException {
    Path real = dir.toRealPath();
    if (!HELD.add(real)) {
      return null;
    }
    FileChannel channel = null;
    DirectoryLock lock = null;
    try {
      channel =
          FileChannel.open(
              real.resolve(FILE_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        lock = new DirectoryLock(real, channel);
      }
      return lock;
    } finally {
      if (lock == null) {
        if (channel != null) {
          channel.close();
        }
        HELD.remove(real);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      // While it is still locked, so that it is not one that another process has made its own.
      Files.deleteIfExists(dir.resolve(FILE_NAME));
      channel.close();
    } finally {
      HELD.remove(dir);
    }
  }
}
