package org.gpt2j.hub;

import java.time.Duration;

/** Waits; a test's own does not. */
@FunctionalInterface
interface Sleeper {
  Sleeper REAL = duration -> Thread.sleep(duration.toMillis());

  void sleep(Duration duration) throws InterruptedException;
}
