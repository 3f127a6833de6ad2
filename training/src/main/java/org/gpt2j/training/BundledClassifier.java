package org.gpt2j.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The adapter that the jar brings, of the bundled base: {@code org/gpt2j/training/gpt2j-sms-spam}.
 */
public final class BundledClassifier {
  private static final BundledDirectory DIRECTORY =
      new BundledDirectory(
          "gpt2j-sms-spam",
          List.of(
              "adapter_config.json",
              "adapter_model.safetensors",
              "config.json",
              "tokenizer.json",
              "tokenizer_config.json",
              "special_tokens_map.json",
              "vocab.json",
              "merges.txt"));

  private BundledClassifier() {}

  /** Its directory, for {@link TextClassifier#load}; empty where this build brings none. */
  public static Optional<Path> directory() throws IOException {
    return DIRECTORY.exists() ? Optional.of(DIRECTORY.unpack()) : Optional.empty();
  }
}
