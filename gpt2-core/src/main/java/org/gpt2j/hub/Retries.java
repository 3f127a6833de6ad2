package org.gpt2j.hub;

import java.io.InterruptedIOException;
import java.time.Duration;

/** How often to try again, and how long to wait before that. */
final class Retries {
  /** Attempts without progress, the first one counted. */
  static final int ATTEMPTS = 5;

  /** A server that asks for more is not waited for. */
  static final Duration LONGEST = Duration.ofMinutes(5);

  private final Sleeper sleeper;
  private final DownloadListener listener;
  private final int attempts;
  private int failed;
  private long furthest;

  Retries(Sleeper sleeper, DownloadListener listener, int attempts) {
    this.sleeper = sleeper;
    this.listener = listener;
    this.attempts = attempts;
  }

  /** Bytes have come: only where they are new ones does the count of attempts start over. */
  void progress(long position) {
    if (position > furthest) {
      furthest = position;
      failed = 0;
    }
  }

  /**
   * Waits as long as the server asks, or 1, 2, 4, 8 seconds.
   *
   * @throws TemporaryFailure the failure itself, if it was the last attempt
   */
  void waitAfter(TemporaryFailure failure) throws TemporaryFailure, InterruptedIOException {
    failed++;
    Duration pause =
        failure.retryAfter() == null ? Duration.ofSeconds(1L << failed - 1) : failure.retryAfter();
    if (failed >= attempts) {
      throw attempts == 1 ? failure : gaveUp(failure, "gave up after " + attempts + " attempts");
    }
    if (pause.compareTo(LONGEST) > 0) {
      throw gaveUp(failure, "it asks to wait " + pause.toSeconds() + " s, try again after that");
    }
    listener.note(failure.getMessage() + "; trying again in " + pause.toSeconds() + " s");
    try {
      sleeper.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to try again");
    }
  }

  private static TemporaryFailure gaveUp(TemporaryFailure failure, String why) {
    return new TemporaryFailure(failure.getMessage() + "; " + why, failure.retryAfter(), failure);
  }
}
