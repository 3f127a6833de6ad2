package org.gpt2j.hub;

import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The bytes of an answer as they come, with a limit on the wait for the next ones: the JDK's client
 * has a limit on the wait for the headers only.
 */
final class ResponseBody implements HttpResponse.BodySubscriber<ResponseBody>, AutoCloseable {
  /** What came last: why it ended, an empty failure meaning that it is whole. */
  private record End(Throwable failure) {}

  private final Duration timeout;
  private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
  private volatile Flow.Subscription subscription;
  private volatile boolean closed;

  ResponseBody(Duration timeout) {
    this.timeout = timeout;
  }

  /** Ready with the headers, so that reading can begin. */
  @Override
  public CompletionStage<ResponseBody> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    subscription = newSubscription;
    if (closed) {
      newSubscription.cancel();
    } else {
      newSubscription.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    queue.add(new ArrayList<>(buffers));
  }

  @Override
  public void onError(Throwable failure) {
    queue.add(new End(failure));
  }

  @Override
  public void onComplete() {
    queue.add(new End(null));
  }

  /**
   * The next bytes, or null at the end.
   *
   * @throws TemporaryFailure if the connection breaks, or nothing comes for too long
   */
  @SuppressWarnings("unchecked")
  List<ByteBuffer> next() throws TemporaryFailure, InterruptedIOException {
    Object item;
    try {
      item = queue.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while downloading");
    }
    if (item == null) {
      throw new TemporaryFailure("no data for " + timeout.toSeconds() + " s", null, null);
    }
    if (item instanceof End end) {
      if (end.failure() != null) {
        throw new TemporaryFailure(
            "the connection broke (" + end.failure().getMessage() + ")", null, end.failure());
      }
      return null;
    }
    subscription.request(1);
    return (List<ByteBuffer>) item;
  }

  /** Lets go of the connection, if there is more to come. */
  @Override
  public void close() {
    closed = true;
    Flow.Subscription open = subscription;
    if (open != null) {
      open.cancel();
    }
  }
}
