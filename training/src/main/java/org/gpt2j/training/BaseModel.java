package org.gpt2j.training;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.hub.Hub;
import org.gpt2j.hub.PretrainedPath;
import org.gpt2j.lora.LoraModel;

/**
 * Where a base model comes from: a directory, the user's Hugging Face cache, the hub, or the small
 * one inside this jar.
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
   * The directory of a base; nothing is downloaded.
   *
   * @param name a directory, a hub name that is in the cache, or {@link #BUNDLED}; null means the
   *     bundled one
   */
  public static Path resolve(String name) throws IOException {
    return resolve(name, null);
  }

  /**
   * As above.
   *
   * @param hub where a base comes from that the cache lacks; null to download nothing
   */
  public static Path resolve(String name, Hub hub) throws IOException {
    if (name == null || name.equals(BUNDLED)) {
      return DIRECTORY.unpack();
    }
    return hub == null ? PretrainedPath.resolve(name) : PretrainedPath.resolve(name, hub);
  }

  /** The directory of the base that an adapter names. */
  static Path ofAdapter(Path modelDir, Hub hub) throws IOException {
    String name = LoraModel.readConfig(modelDir).baseModelNameOrPath();
    if (name == null) {
      throw new IOException(
          modelDir + ": the adapter names no base (base_model_name_or_path), and none was given");
    }
    try {
      return resolve(name, hub);
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(modelDir + ": the adapter's base is not here: " + e.getMessage(), e);
    }
  }
}
