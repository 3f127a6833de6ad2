package org.gpt2j.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.hub.Hub;
import org.gpt2j.hub.PretrainedPath;
import org.gpt2j.lora.LoraConfig;

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
   * The directory of a base; what the cache lacks is downloaded where there is a hub.
   *
   * @param name a directory, a hub name, or {@link #BUNDLED}; null means the bundled one
   * @param hub where a base comes from that the cache lacks; null to download nothing
   */
  public static Path resolve(String name, Hub hub) throws IOException {
    if (name == null || name.equals(BUNDLED)) {
      return DIRECTORY.unpack();
    }
    return hub == null ? PretrainedPath.resolve(name) : PretrainedPath.resolve(name, hub);
  }

  /**
   * The base that an adapter names, as {@link #resolve(String, Hub)} takes it: {@code name}, or
   * {@code name@revision} where its config has a revision and the name is no directory here.
   *
   * @return null where it names none
   */
  public static String nameOf(LoraConfig config) {
    String name = config.baseModelNameOrPath();
    String revision = config.revision();
    boolean plain =
        name == null
            || revision == null
            || revision.isEmpty()
            || name.contains("@")
            || isDirectory(name);
    return plain ? name : name + "@" + revision;
  }

  /**
   * Writes into an adapter's config which base it is made for, as peft does: a revision apart.
   *
   * @param name as {@link #resolve(String, Hub)} takes it
   * @return the builder
   */
  public static LoraConfig.Builder name(LoraConfig.Builder config, String name) {
    int at = name.indexOf('@');
    return at < 0 || isDirectory(name)
        ? config.baseModelNameOrPath(name).revision(null)
        : config.baseModelNameOrPath(name.substring(0, at)).revision(name.substring(at + 1));
  }

  private static boolean isDirectory(String name) {
    try {
      return Files.isDirectory(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
