package org.gpt2j.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What a piece of code writes to the standard error output, where warnings go. */
public final class ErrorOutput {
  /** A piece of code. */
  @FunctionalInterface
  public interface Action {
    void run() throws IOException;
  }

  private ErrorOutput() {}

  public static String of(Action action) throws IOException {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
