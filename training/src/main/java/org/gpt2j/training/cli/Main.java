package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.gpt2j.nn.Backend;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program: one sub-command a job. */
@Command(
    name = "training.jar",
    mixinStandardHelpOptions = true,
    version = "gpt2j 0.1.0",
    description = "Fine-tune GPT-2 with LoRA, and classify messages with it.",
    subcommands = {
      TrainCommand.class,
      ClassifyCommand.class,
      EvaluateCommand.class,
      SplitCommand.class,
      PretrainCommand.class
    })
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
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
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + ": no such file";
    }
    if (e instanceof AccessDeniedException) {
      return e.getMessage() + ": permission denied";
    }
    return e.getMessage();
  }

  /** Sets the number of threads where one is given. */
  static void setThreads(Integer threads) {
    if (threads != null) {
      Backend.setThreads(threads);
    }
  }
}
