package org.gpt2j.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.hub.PretrainedPath;
import org.gpt2j.lora.LoraModel;

/**
 * Where a base model comes from: a directory, the user's Hugging Face cache, or the small one
 * inside this jar.
 */
public final class BaseModel {
  /** Name of the base that the jar brings: see its README.md. */
  public static final String BUNDLED = "gpt2j-base";

  private static final BundledDirectory DIRECTORY =
      new BundledDirectory(
          BUNDLED,
          List.of(
              "config.json",
              "model.safetensors",
              "tokenizer.json",
              "tokenizer_config.json",
              "special_tokens_map.json",
              "vocab.json",
              "merges.txt"));

  private BaseModel() {}

  /**
   * The directory of a base.
   *
   * @param name a directory, a hub name that is in the cache, or {@link #BUNDLED}; null means the
   *     bundled one
   */
  public static Path resolve(String name) throws IOException {
    return name == null || name.equals(BUNDLED) ? bundled() : PretrainedPath.resolve(name);
  }

  /** The directory of the base that an adapter names. */
  static Path ofAdapter(Path modelDir) throws IOException {
    String name = LoraModel.readConfig(modelDir).baseModelNameOrPath();
    if (name == null) {
      throw new IOException(
          modelDir + ": the adapter names no base (base_model_name_or_path), and none was given");
    }
    try {
      return resolve(name);
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(modelDir + ": the adapter's base is not here: " + e.getMessage(), e);
    }
  }

  private static Path bundled() throws IOException {
    if (!DIRECTORY.exists()) {
      throw new IOException(BUNDLED + ": this build has no bundled base; give one with --base");
    }
    return DIRECTORY.unpack();
  }
}
