package org.gpt2j.io;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock over the threads of this process and over processes, which goes with the process that has
 * it. The lock's file stays: deleting it could take it from another's hands.
 */
public final class LockFile implements AutoCloseable {
  /** A process cannot lock a file twice; its threads take turns here first. */
  private static final Map<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();

  private final ReentrantLock inProcess;
  private final FileChannel channel;

  private LockFile(ReentrantLock inProcess, FileChannel channel) {
    this.inProcess = inProcess;
    this.channel = channel;
  }

  /**
   * Waits for the lock.
   *
   * @param file in a directory that is there; made where it is missing
   * @param waiting told if another has it
   * @throws InterruptedIOException if the thread is interrupted
   * @throws IOException naming the file, if it cannot be made or locked
   */
  public static LockFile acquire(Path file, Runnable waiting) throws IOException {
    ReentrantLock inProcess =
        IN_PROCESS.computeIfAbsent(file.toAbsolutePath().normalize(), path -> new ReentrantLock());
    if (!inProcess.tryLock()) {
      waiting.run();
      try {
        inProcess.lockInterruptibly();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for " + file);
      }
    }
    FileChannel channel = null;
    LockFile lock = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        waiting.run();
        channel.lock();
      }
      lock = new LockFile(inProcess, channel);
      return lock;
    } catch (IOException e) {
      Interruption.rethrow(file + ": cannot be locked", e);
      throw new IOException(file + ": cannot be locked: " + e, e);
    } finally {
      if (lock == null) {
        if (channel != null) {
          channel.close();
        }
        inProcess.unlock();
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      inProcess.unlock();
    }
  }
}
