package org.gpt2j.server;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the server does what it is for. After some failures one upon the other it is in doubt,
 * and asks itself: whoever sends requests to a ready server only sends none that would show that it
 * works again.
 */
final class Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

  /** Failures without a success between them. */
  private static final int DOUBT = 3;

  /** A request of the server's own. */
  @FunctionalInterface
  interface Probe {
    /**
     * Returns if it got its answer.
     *
     * @throws Exception or an error, if not
     */
    void ask() throws Exception;
  }

  /**
   * What the server says of itself.
   *
   * @param live whether it can become ready without a new start
   * @param trouble why it is not ready, in a sentence; null if it is
   */
  record State(boolean live, String trouble) {
    boolean ready() {
      return trouble == null;
    }
  }

  private final Supplier<State> parts;
  private final Probe probe;
  private final AtomicInteger failures = new AtomicInteger();
  private final ReentrantLock asking = new ReentrantLock();

  /**
   * @param parts what its parts say of themselves
   */
  Readiness(Supplier<State> parts, Probe probe) {
    this.parts = parts;
    this.probe = probe;
  }

  /** The handler, whose failures and answers count; what its clients do wrong does not. */
  Handler watch(Handler handler) {
    return call -> {
      try {
        handler.handle(call);
        failures.set(0);
      } catch (ApiException e) {
        if (e.code() == ErrorCode.ANSWER_TIMEOUT) {
          failures.incrementAndGet();
        }
        throw e;
      } catch (RuntimeException | Error e) {
        failures.incrementAndGet();
        throw e;
      }
    };
  }

  /** What is known, without a doubt being settled. */
  State known() {
    State state = parts.get();
    int failed = failures.get();
    return state.ready() && failed >= DOUBT
        ? new State(true, "The last " + failed + " requests failed; the log says how.")
        : state;
  }

  /** What is so; in doubt this waits for the server's own request, of which there is one a time. */
  State check() {
    State state = known();
    if (state.ready() || !parts.get().ready() || !asking.tryLock()) {
      return state;
    }
    try {
      probe.ask();
      failures.set(0);
      return parts.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return state;
    } catch (Exception | Error e) {
      LOG.warn("the server's own request failed: {}", e.toString());
      return state;
    } finally {
      asking.unlock();
    }
  }
}
