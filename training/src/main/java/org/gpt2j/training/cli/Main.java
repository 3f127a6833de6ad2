package org.gpt2j.training.cli;

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
      CalibrateCommand.class,
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
    System.exit(Program.run(commandLine(), dashes(args)));
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

  static CommandLine commandLine() {
    return commandLine(System.getenv());
  }

  /**
   * The program with environment variables of its own, as far as the hub's are concerned: tests
   * must not reach the network.
   */
  static CommandLine commandLine(Map<String, String> environment) {
    return Program.commandLine(new Main(environment));
  }

  /** Where a command's models come from if the cache lacks them. */
  static Hub hub(CommandSpec spec) {
    return Program.hub(((Main) spec.root().userObject()).environment, spec);
  }

  /** Checks what the user set, and sets the number of threads where one is given. */
  static void setThreads(Integer threads) {
    Backend.initialize();
    if (threads != null) {
      Backend.setThreads(threads);
    }
  }
}
