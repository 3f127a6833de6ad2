package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gpt2j.hub.Hub;
import org.gpt2j.io.Printable;
import org.gpt2j.nn.NativeCodeException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

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
    // What goes into a file or a pipe stays as it is.
    PrintWriter out =
        Terminal.isInteractive()
            ? new SafeStream(System.out, Terminal.charset()).writer()
            : new PrintWriter(System.out, true, Terminal.charset());
    SafeStream stderr = new SafeStream(System.err, Terminal.charset());
    System.setErr(stderr); // for the log's lines and stack traces
    PrintWriter err = stderr.writer();
    try {
      return command.setOut(out).setErr(err).execute(args);
    } catch (OutOfMemoryError | LinkageError | InternalError e) {
      err.println(error(sentence(e)));
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
        .setExecutionStrategy(Program::execute)
        .setParameterExceptionHandler(
            (e, args) -> {
              CommandSpec command = e.getCommandLine().getCommandSpec();
              String lost = AsciiLocale.problem(command, List.of(args));
              String help = " (`" + command.qualifiedName() + " --help` shows what is possible)";
              e.getCommandLine()
                  .getErr()
                  .println(error(lost == null ? e.getMessage() + help : lost));
              return CommandLine.ExitCode.USAGE;
            })
        .setExecutionExceptionHandler(
            (e, commandLine, parsed) -> {
              if (!isBadInput(e)) {
                throw e;
              }
              commandLine.getErr().println(error(sentence(e) + AsciiLocale.ofWorkingDirectory()));
              return CommandLine.ExitCode.SOFTWARE;
            });
  }

  /** Runs the sub-command, unless the locale has spoilt its arguments. */
  private static int execute(ParseResult parsed) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    String lost = AsciiLocale.problem(last.commandSpec(), parsed.originalArgs());
    if (lost != null) {
      throw new ParameterException(last.commandSpec().commandLine(), lost);
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static String error(String sentence) {
    return Printable.line("error: " + sentence);
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
    if (problem instanceof InvalidPathException path) {
      return path.getInput()
          + ": expected the name of a file"
          + (AsciiLocale.isSet()
              ? " in ASCII in this locale, found other characters; " + AsciiLocale.WAY_OUT
              : " (" + path.getReason() + ")");
    }
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
