package org.gpt2j.hub;

import java.time.Duration;

/** A failure after which another attempt makes sense. */
final class TemporaryFailure extends HubException {
  private final Duration retryAfter;

  /**
   * @param retryAfter how long the server asks to wait; null where it does not say
   */
  TemporaryFailure(String message, Duration retryAfter, Throwable cause) {
    super(message, true, cause);
    this.retryAfter = retryAfter;
  }

  Duration retryAfter() {
    return retryAfter;
  }
}
