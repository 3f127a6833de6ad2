package org.gpt2j.nn.cpu;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs numbered blocks of work on a fixed set of daemon threads. What a block computes must depend
 * on its number only, so that results are the same for any number of threads.
 *
 * <p>A layer is a chain of kernels some microseconds apart, and waking a thread takes tens: idle
 * threads look for the next job for a moment before they sleep.
 */
public final class Parallel {
  /** Does one block. */
  @FunctionalInterface
  interface Block {
    void run(int block);
  }

  /** Does what lies in [begin, end). */
  @FunctionalInterface
  interface Range {
    void run(int begin, int end);
  }

  private static final int MAX_THREADS = 1024;
  private static final long SPIN_NANOS = 100_000;

  private static int threads = Runtime.getRuntime().availableProcessors();
  private static Pool pool;

  private Parallel() {}

  /** Sets the number of threads, the caller's included. */
  public static synchronized void setThreads(int n) {
    if (n < 1 || n > MAX_THREADS) {
      throw new IllegalArgumentException(
          "threads: expected a number from 1 to " + MAX_THREADS + ", found " + n);
    }
    if (pool != null) {
      pool.close();
      pool = null;
    }
    threads = n;
  }

  public static synchronized int threads() {
    return threads;
  }

  private static synchronized Pool pool() {
    if (pool == null) {
      pool = new Pool(threads - 1);
    }
    return pool;
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
    Job job = new Job(n, block);
    pool().offer(job, helpers);
    job.work();
    job.await();
  }

  /** Splits [0, n) into blocks of the given size (the last may be shorter). */
  static void forRange(int n, int size, Range range) {
    forEach((n + size - 1) / size, b -> range.run(b * size, Math.min(n, (b + 1) * size)));
  }

  /** Blocks that any number of threads take one by one. */
  private static final class Job {
    private final int blocks;
    private final Block block;
    private final Thread caller = Thread.currentThread();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private volatile Throwable failure;

    Job(int blocks, Block block) {
      this.blocks = blocks;
      this.block = block;
    }

    void work() {
      for (int i = next.getAndIncrement(); i < blocks; i = next.getAndIncrement()) {
        try {
          block.run(i);
        } catch (RuntimeException | Error e) {
          failure = e; // for the caller, once nobody writes any more
        }
        if (done.incrementAndGet() == blocks) {
          LockSupport.unpark(caller);
        }
      }
    }

    void await() {
      boolean interrupted = false;
      long start = System.nanoTime();
      while (done.get() < blocks) {
        if (System.nanoTime() - start < SPIN_NANOS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
          interrupted |= Thread.interrupted(); // others still write: wait, and say so afterwards
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
    }
  }

  /** The helping threads. Jobs that they do not come to are done by their callers. */
  private static final class Pool {
    private final Queue<Job> jobs = new ConcurrentLinkedQueue<>();
    private final Semaphore offered = new Semaphore(0);
    private final int helpers;
    private volatile boolean closed;

    Pool(int helpers) {
      this.helpers = helpers;
      for (int i = 1; i <= helpers; i++) {
        Thread t = new Thread(this::serve, "gpt2j-kernel-" + i);
        t.setDaemon(true);
        t.start();
      }
    }

    void offer(Job job, int times) {
      for (int i = 0; i < times; i++) {
        jobs.add(job);
      }
      offered.release(times);
    }

    void close() {
      closed = true;
      offered.release(helpers);
    }

    private void serve() {
      while (!closed) {
        acquire();
        Job job = jobs.poll();
        if (job != null) {
          job.work();
        }
      }
    }

    private void acquire() {
      long start = System.nanoTime();
      while (System.nanoTime() - start < SPIN_NANOS) {
        if (offered.tryAcquire()) {
          return;
        }
        Thread.onSpinWait();
      }
      offered.acquireUninterruptibly();
    }
  }
}
