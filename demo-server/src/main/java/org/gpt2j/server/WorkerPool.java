package org.gpt2j.server;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for requests, enough for all connections there may be: the JDK's server reads a request's
 * head in the thread that answers it, so a slow sender holds one, but never one of another
 * connection.
 */
final class WorkerPool implements Executor, AutoCloseable {
  private final ThreadPoolExecutor threads;
  private int active;

  /**
   * @param size connections open at once
   */
  WorkerPool(int size) {
    AtomicInteger number = new AtomicInteger();
    // The JDK's server, in whose thread they are made, has a group of its own.
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    // Twice as many: a connection's next request may come while the thread of the last one ends.
    threads =
        new ThreadPoolExecutor(
            0,
            2 * size,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(group, task, "http-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public void execute(Runnable task) {
    count(1);
    try {
      threads.execute(
          () -> {
            try {
              task.run();
            } finally {
              count(-1);
            }
          });
    } catch (RuntimeException | Error e) {
      count(-1);
      throw e;
    }
  }

  private synchronized void count(int change) {
    active += change;
    notifyAll();
  }

  /**
   * Waits until no task is left.
   *
   * @return whether that was so before the time was over
   */
  synchronized boolean awaitIdle(long millis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (active > 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
