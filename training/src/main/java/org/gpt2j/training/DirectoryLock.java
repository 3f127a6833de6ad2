package org.gpt2j.training;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import org.gpt2j.io.Interruption;

/**
 * Keeps a directory for one training, against other processes and in this one, by a lock on a file
 * in it. The operating system lets go of the lock of a process that dies.
 *
 * <p>The file is deleted before its lock is let go. Another process may have opened it by then: it
 * would get the lock of a file without a name while a third one makes and locks a new file. So a
 * deleted file is cut down to one byte, for which a full disk has room, and who finds that looks
 * again.
 */
public final class DirectoryLock implements AutoCloseable {
  private static final String FILE_NAME = ".training.lock";
  private static final byte[] IN_USE = "in use by a training\n".getBytes(StandardCharsets.US_ASCII);
  private static final int DELETED_SIZE = 1;

  /** Far more often than trainings can end while one begins. */
  private static final int LOOKS = 20;

  /**
   * What this process holds. A second channel on a file with a lock must not even be opened: on
   * POSIX systems closing it would let go of the lock.
   */
  private static final Map<Path, DirectoryLock> HELD = new HashMap<>();

  private final Path dir;
  private final boolean made;
  private final FileChannel channel;
  private final Object owner;
  private int holds = 1;

  private DirectoryLock(Path dir, boolean made, FileChannel channel, Object owner) {
    this.dir = dir;
    this.made = made;
    this.channel = channel;
    this.owner = owner;
  }

  /**
   * Keeps a directory until the lock is closed. One that is missing is made, and goes again if it
   * is empty then.
   *
   * @param owner who may lock it several times, and then must close it as often; told from others
   *     by identity
   * @throws IOException naming the directory, if it cannot be made or written to, or another owner,
   *     here or in another process, holds it
   */
  public static DirectoryLock lock(Path dir, Object owner) throws IOException {
    synchronized (HELD) {
      boolean made = Files.notExists(dir);
      DirectoryLock held;
      try {
        Files.createDirectories(dir);
        held = HELD.get(dir.toRealPath());
      } catch (IOException e) {
        throw cannotWrite(dir, e);
      }
      if (held == null) {
        return open(dir, made, owner);
      }
      if (held.owner != owner) {
        throw inUse(dir);
      }
      held.holds++;
      return held;
    }
  }

  private static DirectoryLock open(Path dir, boolean made, Object owner) throws IOException {
    requireNoOther(dir.resolve(FILE_NAME));
    Path real;
    FileChannel channel;
    try {
      real = dir.toRealPath();
      channel = openLocked(real.resolve(FILE_NAME));
    } catch (IOException e) {
      throw cannotWrite(dir, e);
    }
    if (channel == null) {
      throw inUse(dir);
    }
    DirectoryLock lock = new DirectoryLock(real, made, channel, owner);
    HELD.put(real, lock);
    return lock;
  }

  private static IOException cannotWrite(Path dir, IOException e) throws InterruptedIOException {
    Interruption.rethrow(dir + ": cannot be written", e);
    return new IOException(dir + ": expected a directory to write into, found " + e, e);
  }

  private static IOException inUse(Path dir) {
    return new IOException(dir + ": another training is writing into it");
  }

  /** A named pipe would be waited for, a link would make a file elsewhere. */
  private static void requireNoOther(Path file) throws IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      // It is missing, or cannot be opened for a reason that will be told then.
      return;
    }
    if (!found.isRegularFile() || found.size() > IN_USE.length) {
      String what =
          found.isSymbolicLink()
              ? "a link"
              : found.isDirectory()
                  ? "a directory"
                  : found.isRegularFile() ? "another file" : "a named pipe or a device";
      throw new IOException(
          file + ": expected no file, or that of a training, found " + what + "; delete it");
    }
  }

  /** Null if another process has the lock. */
  private static FileChannel openLocked(Path file) throws IOException {
    for (int i = 0; i < LOOKS; i++) {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      boolean taken = false;
      try {
        if (channel.tryLock() == null) {
          return null;
        }
        if (channel.size() != DELETED_SIZE) {
          channel.write(ByteBuffer.wrap(IN_USE), 0);
          taken = true;
          return channel;
        }
      } catch (OverlappingFileLockException e) {
        // Held by this class under another class loader.
        return null;
      } finally {
        if (!taken) {
          channel.close();
        }
      }
    }
    throw new IOException(file + " of one byte, which is none of a training; delete it");
  }

  /** Lets go when it was closed as often as it was locked. */
  @Override
  public void close() throws IOException {
    synchronized (HELD) {
      if (--holds > 0) {
        return;
      }
      try (channel) {
        Files.deleteIfExists(dir.resolve(FILE_NAME));
        channel.truncate(DELETED_SIZE);
        if (made) {
          Files.deleteIfExists(dir);
        }
      } catch (DirectoryNotEmptyException e) {
        // It was made to be filled.
      } finally {
        HELD.remove(dir);
      }
    }
  }
}
