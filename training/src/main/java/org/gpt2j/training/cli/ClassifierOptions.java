package org.gpt2j.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.gpt2j.hub.Hub;
import org.gpt2j.training.BundledClassifier;
import org.gpt2j.training.TextClassifier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which trained model a command uses. */
final class ClassifierOptions {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Directory that `train` wrote (default: lora_model if a model is there, else the one"
              + " inside the jar).")
  private Path model;

  @Option(
      names = "--base",
      paramLabel = "DIR|NAME",
      description = "Base model of the adapter (default: the one that the adapter names).")
  private String base;

  @Mixin private WeightsOption weights;

  /**
   * Loads it.
   *
   * @param hub where a base comes from that the cache lacks; null to download nothing
   */
  TextClassifier load(Hub hub) throws IOException {
    Path dir = model != null ? model : BundledClassifier.unlessIn(Path.of("lora_model"));
    return TextClassifier.load(dir, base, weights.type(), hub);
  }
}
