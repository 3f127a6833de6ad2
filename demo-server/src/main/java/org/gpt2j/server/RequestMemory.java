package org.gpt2j.server;

import java.util.concurrent.Semaphore;

/** How much of the heap requests may hold together, each until it has its answer. */
final class RequestMemory {
  /** Of a large heap; of a smaller one a quarter, as the model and the answers need some too. */
  private static final long MOST = 128L << 20;

  private final int size;
  private final Semaphore left;

  /**
   * @param bytes rounded down to KiB
   */
  RequestMemory(long bytes) {
    size = (int) (bytes >> 10);
    left = new Semaphore(size);
  }

  /** As much as this process can spare. */
  static RequestMemory ofHeap() {
    return new RequestMemory(Math.min(MOST, Runtime.getRuntime().maxMemory() / 4));
  }

  /** KiB that nobody holds. */
  int left() {
    return left.availablePermits();
  }

  Share share() {
    return new Share();
  }

  /** What one request holds; for one thread. */
  final class Share implements AutoCloseable {
    private long bytes;
    private int kib;

    private Share() {}

    /**
     * Takes more, as long as there is some; a request that alone would need more than there is gets
     * all of it.
     *
     * @throws ApiException if others hold it
     */
    void take(long more) throws ApiException {
      int needed = kib(bytes + more);
      if (!left.tryAcquire(needed - kib)) {
        throw new ApiException(
            ErrorCode.OUT_OF_MEMORY, "Too many large requests arrive at once: try again later.");
      }
      bytes += more;
      kib = needed;
    }

    /** Gives back some of what was taken. */
    void giveBack(long some) {
      bytes -= some;
      int needed = kib(bytes);
      left.release(kib - needed);
      kib = needed;
    }

    @Override
    public void close() {
      giveBack(bytes);
    }

    private int kib(long bytes) {
      return (int) Math.min(size, (bytes + 1023) >> 10);
    }
  }
}
