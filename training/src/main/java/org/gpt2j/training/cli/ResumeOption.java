package org.gpt2j.training.cli;

import picocli.CommandLine.Option;

/** {@code --resume [DIR]}. */
final class ResumeOption {
  @Option(
      names = {"--resume", "--resume-from-checkpoint"},
      paramLabel = "DIR",
      arity = "0..1",
      fallbackValue = "",
      description =
          "Go on from a checkpoint, or from the newest whole one in a directory (default: in that"
              + " of --output). Give the other options as they were.")
  private String from;

  /** Null to begin, empty for the output directory. */
  String from() {
    return from;
  }
}
