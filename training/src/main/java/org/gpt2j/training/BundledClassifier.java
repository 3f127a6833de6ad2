package org.gpt2j.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The adapter that the jar brings, of the bundled base: {@code org/gpt2j/training/gpt2j-sms-spam},
 * the same as in the project's {@code lora_model} until one trains there.
 */
public final class BundledClassifier {
  /** Name of the adapter. */
  public static final String NAME = "gpt2j-sms-spam";

  private static final BundledDirectory DIRECTORY =
      new BundledDirectory(
          NAME,
          List.of(
              "adapter_config.json",
              "adapter_model.safetensors",
              "calibration.json",
              "config.json",
              "tokenizer.json",
              "tokenizer_config.json",
              "special_tokens_map.json",
              "vocab.json",
              "merges.txt"));

  private BundledClassifier() {}

  /** Its directory, for {@link TextClassifier#load}. */
  public static Path directory() throws IOException {
    return DIRECTORY.unpack();
  }

  /** The given directory where it holds a model, else the one inside the jar. */
  public static Path unlessIn(Path directory) throws IOException {
    return ModelDirectory.isIn(directory) ? directory : directory();
  }
}
