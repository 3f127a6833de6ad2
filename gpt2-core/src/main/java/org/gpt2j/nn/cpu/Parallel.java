package org.gpt2j.nn.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs numbered blocks of work on a fixed set of daemon threads. What a block computes must depend
 * on its number only, so that results are the same for any number of threads.
 */
public final class Parallel {
  /** Does the blocks from begin to end - 1. */
  @FunctionalInterface
  interface Block {
    void run(int block);
  }

  private static final int MAX_THREADS = 1024;

  private static ExecutorService pool;
  private static int threads = Runtime.getRuntime().availableProcessors();

  private Parallel() {}

  /** Sets the number of threads, the caller's included. */
  public static synchronized void setThreads(int n) {
    if (n < 1 || n > MAX_THREADS) {
      throw new IllegalArgumentException(
          "threads: expected a number from 1 to " + MAX_THREADS + ", found " + n);
    }
    if (pool != null) {
      pool.shutdown();
      pool = null;
    }
    threads = n;
  }

  public static synchronized int threads() {
    return threads;
  }

  private static synchronized ExecutorService pool() {
    if (pool == null) {
      AtomicInteger number = new AtomicInteger();
      pool =
          Executors.newFixedThreadPool(
              Math.max(1, threads - 1),
              r -> {
                Thread t = new Thread(r, "gpt2j-kernel-" + number.incrementAndGet());
                t.setDaemon(true);
                return t;
              });
    }
    return pool;
  }

  /** One step, so that {@link #setThreads} cannot close the pool in between. */
  private static synchronized List<Future<?>> submit(Runnable work, int helpers) {
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < helpers; i++) {
      futures.add(pool().submit(work));
    }
    return futures;
  }

  /** Runs blocks 0 to n - 1, the caller taking its share, and returns when all are done. */
  static void forEach(int n, Block block) {
    int helpers = Math.min(threads(), n) - 1;
    if (helpers <= 0) {
      for (int i = 0; i < n; i++) {
        block.run(i);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    Runnable work =
        () -> {
          for (int i = next.getAndIncrement(); i < n; i = next.getAndIncrement()) {
            block.run(i);
          }
        };
    List<Future<?>> futures = submit(work, helpers);
    RuntimeException failure = null;
    try {
      work.run();
    } catch (RuntimeException e) {
      failure = e;
    }
    boolean interrupted = false;
    for (Future<?> f : futures) {
      boolean done = false;
      while (!done) {
        try {
          f.get();
          done = true;
        } catch (ExecutionException e) {
          failure =
              e.getCause() instanceof RuntimeException r ? r : new RuntimeException(e.getCause());
          done = true;
        } catch (InterruptedException e) {
          interrupted = true; // the helpers still write: wait for them, and say so afterwards
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Splits [0, n) into blocks of the given size (the last may be shorter). */
  static void forRange(int n, int size, Range range) {
    forEach((n + size - 1) / size, b -> range.run(b * size, Math.min(n, (b + 1) * size)));
  }

  /** Does what lies in [begin, end). */
  @FunctionalInterface
  interface Range {
    void run(int begin, int end);
  }
}
