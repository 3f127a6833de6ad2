package org.gpt2j.training.cli;

import java.io.Console;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Whether a person watches. */
final class Terminal {
  private Terminal() {}

  /** A terminal's own charset; UTF-8, whatever the locale says, for files and pipes. */
  static Charset charset() {
    return isInteractive() ? System.console().charset() : StandardCharsets.UTF_8;
  }

  /** Whether standard output goes to a terminal. */
  static boolean isInteractive() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // From JDK 22 on there is a console even when the output is redirected.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
