package org.gpt2j.io;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;

/**
 * Interrupts of threads that use files: a {@link java.nio.channels.FileChannel} closes itself when
 * its thread is interrupted, and what it throws then is taken for a fault of the file.
 */
public final class Interruption {
  private Interruption() {}

  /**
   * Tells an interrupt as what it is; returns where the exception has another cause. The thread's
   * interrupt flag is as it was.
   *
   * @param what has failed, such as "model.safetensors: cannot be read"
   * @throws InterruptedIOException if the exception comes of an interrupt
   */
  public static void rethrow(String what, IOException e) throws InterruptedIOException {
    if (e instanceof InterruptedIOException told) {
      throw told;
    }
    if (e instanceof ClosedByInterruptException || e instanceof FileLockInterruptionException) {
      InterruptedIOException told =
          new InterruptedIOException(what + ": the thread was interrupted");
      told.initCause(e);
      throw told;
    }
  }
}
