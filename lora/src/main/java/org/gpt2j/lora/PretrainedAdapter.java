package org.gpt2j.lora;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.gpt2j.model.DerivedNetwork;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.safetensors.UnreadWeights;

/**
 * An adapter directory: its adapter_config.json, read once, and what the header of its weights
 * says. An adapter may need another base than the checkpoint holds: more rows in the token table,
 * where tokens were added; a head of its own, where lm_head was trained apart from wte. Immutable;
 * the numbers are read by {@link LoraModel#fromPretrained}.
 */
public final class PretrainedAdapter {
  private final Path directory;
  private final LoraConfig config;
  private final Map<String, long[]> shapes;

  private PretrainedAdapter(Path directory, LoraConfig config, Map<String, long[]> shapes) {
    this.directory = directory;
    this.config = config;
    this.shapes = shapes;
  }

  /**
   * Reads the config and the weights' header.
   *
   * @throws IOException naming the file, if one is missing or cannot be used
   */
  public static PretrainedAdapter open(Path dir) throws IOException {
    return open(dir, readConfig(dir));
  }

  static PretrainedAdapter open(Path dir, LoraConfig config) throws IOException {
    requireDirectory(dir);
    try (AdapterWeights weights = AdapterWeights.open(dir)) {
      UnreadWeights.warn(dir.resolve(LoraModel.WEIGHTS_FILE), Set.of(LoraModel.WEIGHTS_FILE));
      return new PretrainedAdapter(dir, config, weights.shapes());
    }
  }

  static LoraConfig readConfig(Path dir) throws IOException {
    requireDirectory(dir);
    return LoraConfigFile.read(dir);
  }

  private static void requireDirectory(Path dir) throws IOException {
    if (!Files.isDirectory(dir)) {
      String found = Files.exists(dir) ? "a file" : "no such directory";
      throw new IOException(dir + ": expected an adapter's directory, found " + found);
    }
  }

  /**
   * Whether a directory holds an adapter: a config or weights by peft's names.
   *
   * @param dir may be missing
   */
  public static boolean isIn(Path dir) {
    return Files.exists(dir.resolve(LoraConfigFile.NAME))
        || Files.exists(dir.resolve(LoraModel.WEIGHTS_FILE));
  }

  /**
   * Whether a directory holds all of an adapter: a config and weights by peft's names.
   *
   * @param dir may be missing
   */
  public static boolean isWhole(Path dir) {
    return Files.exists(dir.resolve(LoraConfigFile.NAME))
        && Files.exists(dir.resolve(LoraModel.WEIGHTS_FILE));
  }

  /** Where it lies. */
  public Path directory() {
    return directory;
  }

  /** What adapter_config.json says. */
  public LoraConfig config() {
    return config;
  }

  /** This adapter with a config that differs from the stored one in what the weights allow. */
  public PretrainedAdapter withConfig(LoraConfig other) {
    return new PretrainedAdapter(directory, other, shapes);
  }

  /** Names of the tensors, as peft's save_pretrained writes them. */
  Set<String> names() {
    return shapes.keySet();
  }

  /** Number of classes of the classifier's head, `score`, that is saved here; empty for none. */
  public OptionalInt numLabels() {
    return rows(AdapterNames.SCORE);
  }

  /** Rows of the token table that is saved here; empty for none. */
  public OptionalInt vocabSize() {
    return rows(AdapterNames.WTE);
  }

  private OptionalInt rows(String name) {
    long[] shape = shapes.get(name);
    return shape != null && shape.length == 2 && shape[0] > 0 && shape[0] <= Integer.MAX_VALUE
        ? OptionalInt.of((int) shape[0])
        : OptionalInt.empty();
  }

  /**
   * The base as a classifier needs it: vocab_size is that of the saved token table, else the
   * checkpoint's; a head that is saved here is not looked for there.
   *
   * @param change what else becomes of the checkpoint's config, such as its labels
   */
  public DerivedNetwork forClassifier(UnaryOperator<Gpt2Config> change) {
    return new BaseNetwork(this, change, false);
  }

  /**
   * The base as a language model needs it: vocab_size is that of the saved token table, else the
   * checkpoint's; lm_head is a table of its own where one of the two is in modules_to_save, as in
   * peft.
   *
   * @param change what else becomes of the checkpoint's config
   */
  public DerivedNetwork forLanguageModel(UnaryOperator<Gpt2Config> change) {
    return new BaseNetwork(this, change, true);
  }
}
