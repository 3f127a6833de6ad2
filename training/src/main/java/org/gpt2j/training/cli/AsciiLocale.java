package org.gpt2j.training.cli;

import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * A locale such as C, which is a container's default: its JVM has lost what is not ASCII in an
 * argument before we see it, and cannot spell such a name of a file.
 */
final class AsciiLocale {
  static final String WAY_OUT = "set LC_ALL=C.UTF-8";

  /** Labels of the arguments that standard input can give instead. */
  private static final Set<String> STANDARD_INPUT = Set.of("TEXT", "PROMPT");

  private AsciiLocale() {}

  static boolean isSet() {
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    return encoding.startsWith("ANSI_X3.4") || encoding.equals("US-ASCII");
  }

  /**
   * What is wrong with a command's arguments, naming the option; null where nothing is lost.
   *
   * @param command the sub-command, whose options they are
   */
  static String problem(CommandSpec command, List<String> arguments) {
    for (int i = 0; isSet() && i < arguments.size(); i++) {
      if (arguments.get(i).indexOf('\uFFFD') >= 0) {
        String name = name(command, arguments, i);
        String orElse = STANDARD_INPUT.contains(name) ? ", or give the text on standard input" : "";
        return name
            + ": expected ASCII in this locale, found other characters; "
            + WAY_OUT
            + orElse;
      }
    }
    return null;
  }

  /**
   * What to say of a failure where the name of the working directory is lost, and with it every
   * file that is named from there; empty where it is not.
   */
  static String ofWorkingDirectory() {
    return isSet() && System.getProperty("user.dir").indexOf('\uFFFD') >= 0
        ? " (the working directory's name is not ASCII, as this locale expects: " + WAY_OUT + ")"
        : "";
  }

  /** The option whose value an argument has or is, or the label of what is no option's. */
  private static String name(CommandSpec command, List<String> arguments, int i) {
    String argument = arguments.get(i);
    if (argument.startsWith("--") && argument.indexOf('=') > 0) {
      return argument.substring(0, argument.indexOf('='));
    }
    OptionSpec before = i == 0 ? null : command.findOption(arguments.get(i - 1));
    if (before != null && before.arity().max() > 0) {
      return arguments.get(i - 1);
    }
    return command.positionalParameters().isEmpty()
        ? "argument"
        : command.positionalParameters().get(0).paramLabel();
  }
}
