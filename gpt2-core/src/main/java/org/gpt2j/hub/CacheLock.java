package org.gpt2j.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one download of a blob go on at a time, over the threads of this process and over processes.
 * The lock's file stays: deleting it could take it from another's hands. (On Linux, Python's
 * library takes a lock of another kind on the same file. It shares no unfinished file with us, so
 * at worst both download.)
 */
final class CacheLock implements AutoCloseable {
  /** A process cannot lock a file twice; its threads take turns here first. */
  private static final Map<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();

  private final ReentrantLock inProcess;
  private final FileChannel channel;

  private CacheLock(ReentrantLock inProcess, FileChannel channel) {
    this.inProcess = inProcess;
    this.channel = channel;
  }

  /**
   * Waits for the lock.
   *
   * @param waiting told if another has it
   */
  static CacheLock acquire(Path file, Runnable waiting) throws IOException {
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
    CacheLock lock = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        waiting.run();
        channel.lock();
      }
      lock = new CacheLock(inProcess, channel);
      return lock;
    } catch (IOException e) {
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
