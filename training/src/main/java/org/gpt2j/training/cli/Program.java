package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Map;
import org.gpt2j.hub.Hub;
import org.gpt2j.nn.NativeCodeException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Runs a command as a program: what its user can mend is told in one sentence. */
public final class Program {
  private Program() {}

  /**
   * Runs a command on the standard streams.
   *
   * @return the exit status
   */
  public static int run(CommandLine command, String[] args) {
    // Libraries format by the user's locale, whose digits or calendar may be other ones.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    PrintWriter out = new PrintWriter(System.out, true, Terminal.charset());
    PrintWriter err = new PrintWriter(System.err, true, Terminal.charset());
    try {
      return command.setOut(out).setErr(err).execute(args);
    } catch (OutOfMemoryError | LinkageError | InternalError e) {
      err.println("error: " + sentence(e));
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  /**
   * A command's line.
   *
   * @param program what has picocli's annotation Command
   */
  public static CommandLine commandLine(Object program) {
    return new CommandLine(program)
        .setCaseInsensitiveEnumValuesAllowed(true)
        // A message may start with @: it names no file to read arguments from.
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(
            (e, args) -> {
              CommandLine command = e.getCommandLine();
              command
                  .getErr()
                  .printf(
                      "error: %s (`%s --help` shows what is possible)%n",
                      e.getMessage(), command.getCommandSpec().qualifiedName());
              return CommandLine.ExitCode.USAGE;
            })
        .setExecutionExceptionHandler(
            (e, commandLine, parsed) -> {
              if (!isBadInput(e)) {
                throw e;
              }
              commandLine.getErr().println("error: " + sentence(e));
              return CommandLine.ExitCode.SOFTWARE;
            });
  }

  /**
   * Where a command's models come from if the cache lacks them.
   *
   * @param environment variables, of which the hub's are read
   */
  public static Hub hub(Map<String, String> environment, CommandSpec spec) {
    return new Hub(environment, downloadBar(spec));
  }

  /** Shows downloads beside a command's results. */
  static DownloadBar downloadBar(CommandSpec spec) {
    return new DownloadBar(spec.commandLine().getErr(), Terminal.isInteractive());
  }

  /** Errors that the machine or its user causes. */
  private static String sentence(Error e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (e instanceof OutOfMemoryError) {
      return "memory is full (" + e.getMessage() + "): java -Xmx gives the Java heap more";
    }
    if (e instanceof LinkageError) {
      return "native code cannot be loaded: " + cause.getMessage();
    }
    return "a file of the model was changed while it was in use (" + cause.getMessage() + ")";
  }

  /** Failures that the user can mend; anything else is a bug and keeps its stack trace. */
  private static boolean isBadInput(Exception e) {
    return e instanceof IOException
        || e instanceof UncheckedIOException
        || e instanceof IllegalArgumentException
        || e instanceof NativeCodeException
        || e instanceof ArithmeticException;
  }

  private static String sentence(Exception e) {
    Throwable problem = e instanceof UncheckedIOException ? e.getCause() : e;
    if (!(problem instanceof FileSystemException file) || file.getReason() != null) {
      return problem.getMessage();
    }
    // The message is the file's name alone.
    String what =
        problem instanceof NoSuchFileException
            ? "no such file"
            : problem instanceof AccessDeniedException
                ? "permission denied"
                : problem instanceof FileAlreadyExistsException
                    ? "expected a directory or nothing, found a file"
                    : "cannot be used (" + problem.getClass().getSimpleName() + ")";
    return file.getFile() + ": " + what;
  }
}
