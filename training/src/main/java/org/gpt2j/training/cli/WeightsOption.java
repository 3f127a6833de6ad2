package org.gpt2j.training.cli;

import picocli.CommandLine.Option;

/** The option that says in which form weights are held in memory. */
final class WeightsOption {
  /** Forms of weights, by their names on the command line. */
  enum Form {
    F32,
    INT8
  }

  @Option(
      names = "--weights",
      paramLabel = "f32|int8",
      defaultValue = "f32",
      description =
          "Weights as they are (default), or rounded to 8 bits: a quarter of the memory, and less"
              + " time where few tokens are computed at once.")
  private Form form;

  boolean int8() {
    return form == Form.INT8;
  }
}
