package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.gpt2j.hub.Hub;
import org.gpt2j.nn.Backend;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The program: one sub-command a job. */
@Command(
    name = "training.jar",
    mixinStandardHelpOptions = true,
    version = "gpt2j 0.1.0-SNAPSHOT",
    description = "Fine-tune GPT-2 with LoRA, classify messages with it, and go on with texts.",
    subcommands = {
      TrainCommand.class,
      RecipeCommand.class,
      ClassifyCommand.class,
      EvaluateCommand.class,
      SplitCommand.class,
      PretrainCommand.class,
      GenerateCommand.class,
      DownloadCommand.class
    })
public final class Main {
  /** The {@link System#nanoTime} at which the program began. */
  static final long STARTED = System.nanoTime();

  private static final Pattern UNDERSCORED = Pattern.compile("(--[a-z0-9_-]+)(=.*)?");

  private final Map<String, String> environment;

  private Main(Map<String, String> environment) {
    this.environment = environment;
  }

  public static void main(String[] args) {
    // Charts are drawn without a display, also where one is named that is not there.
    System.setProperty("java.awt.headless", "true");
    PrintWriter out = new PrintWriter(System.out, true, Terminal.charset());
    PrintWriter err = new PrintWriter(System.err, true, Terminal.charset());
    int exitCode;
    try {
      exitCode = commandLine().setOut(out).setErr(err).execute(dashes(args));
    } catch (OutOfMemoryError | LinkageError | InternalError e) {
      err.println("error: " + sentence(e));
      exitCode = CommandLine.ExitCode.SOFTWARE;
    }
    System.exit(exitCode);
  }

  /** transformers' scripts take --learning_rate for --learning-rate: so do we. */
  static String[] dashes(String[] args) {
    String[] copy = args.clone();
    for (int i = 0; i < copy.length && !copy[i].equals("--"); i++) {
      Matcher option = UNDERSCORED.matcher(copy[i]);
      if (option.matches()) {
        copy[i] =
            option.group(1).replace('_', '-') + (option.group(2) == null ? "" : option.group(2));
      }
    }
    return copy;
  }

  /** Errors that the machine or its user causes. */
  static String sentence(Error e) {
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

  static CommandLine commandLine() {
    return commandLine(System.getenv());
  }

  /**
   * The program with environment variables of its own, as far as the hub's are concerned: tests
   * must not reach the network.
   */
  static CommandLine commandLine(Map<String, String> environment) {
    return new CommandLine(new Main(environment))
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

  /** Failures that the user can mend; anything else is a bug and keeps its stack trace. */
  private static boolean isBadInput(Exception e) {
    return e instanceof IOException
        || e instanceof UncheckedIOException
        || e instanceof IllegalArgumentException
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

  /** Where a command's models come from if the cache lacks them. */
  static Hub hub(CommandSpec spec) {
    return new Hub(((Main) spec.root().userObject()).environment, downloadBar(spec));
  }

  /** Shows downloads beside a command's results. */
  static DownloadBar downloadBar(CommandSpec spec) {
    return new DownloadBar(spec.commandLine().getErr(), Terminal.isInteractive());
  }

  /** Checks what the user set, and sets the number of threads where one is given. */
  static void setThreads(Integer threads) {
    Backend.initialize();
    if (threads != null) {
      Backend.setThreads(threads);
    }
  }
}
