package org.gpt2j.server;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that the JDK's server makes for itself: one that accepts connections and timers that
 * cut slow ones. An Error, such as memory that is full, ends such a thread, and the JDK starts no
 * other in its place; here it is seen.
 */
final class HttpThreads extends ThreadGroup {
  private static final Logger LOG = LoggerFactory.getLogger(HttpThreads.class);

  private volatile Thread ended;

  HttpThreads() {
    super("http-server");
  }

  /** Runs a task, whose threads become members. */
  <T> T call(Callable<T> task) throws IOException {
    FutureTask<T> future = new FutureTask<>(task);
    Thread thread = new Thread(this, future, "http-server");
    thread.start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          thread.join();
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true; // the task ends by itself
        } catch (ExecutionException e) {
          throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A thread that an error has ended, null if there is none. */
  Thread ended() {
    return ended;
  }

  @Override
  public void uncaughtException(Thread thread, Throwable error) {
    ended = thread; // before anything that takes memory
    LOG.error("{} has ended: the server must be started again", thread.getName(), error);
  }
}
