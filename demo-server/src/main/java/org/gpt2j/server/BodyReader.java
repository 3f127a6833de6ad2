package org.gpt2j.server;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads bodies of requests within a time, a size, and a memory for all of them together. A thread
 * that waits for a slow sender cannot be woken, so another one answers in its place; the JDK's
 * server then closes the connection some seconds later (see {@link JdkServerProperties}).
 */
final class BodyReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BodyReader.class);

  /**
   * Bytes of the heap for each of a body: a buffer that doubles as it grows, then its texts, whose
   * characters may have two each.
   */
  private static final int HEAP_PER_BYTE = 4;

  /**
   * Bytes that are read away before an error is sent, so that a client that still writes sees it.
   */
  private static final int DISCARDED_BYTES = 16 << 20;

  private final ScheduledThreadPoolExecutor timer;
  private final long timeout;

  /**
   * @param timeout seconds from a request's head to the end of its body
   */
  BodyReader(int timeout) {
    this.timeout = TimeUnit.SECONDS.toNanos(timeout);
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "request-timeout");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
  }

  /** What is made of a body, at once. */
  @FunctionalInterface
  interface Use<T> {
    /**
     * Makes it.
     *
     * @param body in memory: {@code available} is its size, and {@code reset} goes to its start
     */
    T apply(InputStream body) throws ApiException, IOException;
  }

  /** A body as it comes, to be read where it lies. */
  private static final class Buffer extends ByteArrayOutputStream {
    InputStream content() {
      return new ByteArrayInputStream(buf, 0, count);
    }
  }

  /**
   * Reads a body of at most {@link Limits#BODY_BYTES} and hands it on. Until this returns, the call
   * has what the body may come to of the memory for requests.
   */
  <T> T read(Call call, Use<T> use) throws IOException, ApiException {
    String length = call.header("Content-Length");
    if (length == null && call.header("Transfer-Encoding") == null) {
      throw new ApiException(
          ErrorCode.LENGTH_REQUIRED, "Content-Length: expected the body's size, found none.");
    }
    if (length != null && Long.parseLong(length) > Limits.BODY_BYTES) {
      throw tooLarge();
    }
    Future<?> timeUp = schedule(call);
    Buffer body = new Buffer();
    long taken = 0;
    try {
      byte[] buffer = new byte[8 << 10];
      for (int n = read(call, buffer); n >= 0; n = read(call, buffer)) {
        if (body.size() + n > Limits.BODY_BYTES) {
          throw tooLarge();
        }
        call.memory().take((long) HEAP_PER_BYTE * n);
        taken += (long) HEAP_PER_BYTE * n;
        body.write(buffer, 0, n);
      }
      timeUp.cancel(false);
      return use.apply(body.content());
    } finally {
      timeUp.cancel(false);
      call.memory().giveBack(taken);
    }
  }

  private static ApiException tooLarge() {
    return new ApiException(
        ErrorCode.BODY_TOO_LARGE, "The body has more than " + Limits.BODY_BYTES + " bytes.");
  }

  /** Reads away what is left of a body, up to a limit; after that the connection is closed. */
  void discard(Call call) throws IOException {
    if (call.isBodyRead()) {
      return; // the time that is over since then was the model's
    }
    Future<?> timeUp = schedule(call);
    try {
      byte[] buffer = new byte[8 << 10];
      long left = DISCARDED_BYTES;
      while (left > 0) {
        int n = read(call, buffer);
        if (n < 0) {
          return;
        }
        left -= n;
      }
      call.closeConnection();
    } catch (ApiException e) {
      call.closeConnection(); // what is answered is worse than a body that cannot be read
    } finally {
      timeUp.cancel(false);
    }
  }

  /** Bytes read, -1 at the end. */
  private static int read(Call call, byte[] buffer) throws IOException, ApiException {
    InputStream in = call.requestBody();
    int n;
    try {
      n = in.read(buffer);
    } catch (IOException | RuntimeException e) { // of chunks of a negative size
      if (call.status() != 0) {
        throw new IOException("the request was too slow", e);
      }
      call.closeConnection();
      throw new ApiException(
          ErrorCode.MALFORMED_BODY, "The body ended early, or its chunks are malformed.");
    }
    if (call.status() != 0) {
      throw new IOException("the request was too slow");
    }
    if (n < 0) {
      call.bodyEnded();
    }
    return n;
  }

  private Future<?> schedule(Call call) {
    long left = Math.max(0, timeout - call.elapsed());
    return timer.schedule(() -> timeUp(call), left, TimeUnit.NANOSECONDS);
  }

  private static void timeUp(Call call) {
    try {
      call.interject(ErrorCode.REQUEST_TIMEOUT, "The request did not arrive in time.");
    } catch (IOException | RuntimeException e) {
      LOG.debug("the slow client is gone", e);
    } catch (Error e) { // which a future would keep to itself
      LOG.error("a slow client got no answer", e);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
