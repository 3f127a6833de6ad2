package org.gpt2j.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.gpt2j.hub.Hub;
import org.gpt2j.model.WeightType;
import org.gpt2j.training.BundledClassifier;
import org.gpt2j.training.TextClassifier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code --model}, {@code --base} and {@code --weights}: which trained model a program uses. */
public final class ClassifierOptions {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Directory that `train` or peft wrote (default: lora_model if a model is there, else the"
              + " one inside the jar).")
  private Path model;

  @Option(
      names = "--base",
      paramLabel = "DIR|NAME",
      description = "Base model of the adapter (default: the one that the adapter names).")
  private String base;

  @Mixin private WeightsOption weights;

  /** The model's directory. */
  public Path directory() throws IOException {
    return model != null ? model : BundledClassifier.unlessIn(Path.of("lora_model"));
  }

  /** The base as given; null for the one that the adapter names. */
  public String base() {
    return base;
  }

  /** How to hold the weights. */
  public WeightType weights() {
    return weights.type();
  }

  /**
   * Loads it.
   *
   * @param hub where a base comes from that the cache lacks; null to download nothing
   */
  TextClassifier load(Hub hub) throws IOException {
    return TextClassifier.load(directory(), base(), weights(), hub);
  }
}
