package org.gpt2j.training.cli;

import org.gpt2j.model.WeightType;
import picocli.CommandLine.Option;

/** {@code --weights}, of the commands that run a model without training it. */
public final class WeightsOption {
  @Option(
      names = "--weights",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description =
          "How to hold the weights: f32, or int8, which takes a quarter of the memory and decodes"
              + " faster, at the price of a small error (default: ${DEFAULT-VALUE}).")
  private WeightType type;

  /** How to hold the weights. */
  public WeightType type() {
    return type;
  }
}
