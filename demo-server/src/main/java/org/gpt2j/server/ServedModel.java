package org.gpt2j.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.gpt2j.hub.Hub;
import org.gpt2j.io.Printable;
import org.gpt2j.model.GenerationConfig;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.WeightType;
import org.gpt2j.training.BaseModel;
import org.gpt2j.training.ModelDirectory;
import org.gpt2j.training.TextClassifier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server runs.
 *
 * @param name of the model's directory
 * @param base of the adapter, as {@link BaseModel#resolve} takes it; null for a whole model
 * @param languageModel directory of the base where that is a causal language model, else null
 * @param generation how it generates where a request does not say; null where there is none
 */
record ServedModel(
    String name,
    String base,
    Path languageModel,
    GenerationConfig generation,
    WeightType weights,
    Gpt2Config config,
    TextClassifier classifier) {
  private static final Logger LOG = LoggerFactory.getLogger(ServedModel.class);

  /**
   * Loads a model.
   *
   * @param model its directory
   * @param base null for the one that the adapter names
   * @param hub where a base comes from that the cache lacks; null to download nothing
   */
  static ServedModel load(Path model, String base, WeightType weights, Hub hub) throws IOException {
    ModelDirectory directory = ModelDirectory.open(model, base, hub);
    TextClassifier classifier = TextClassifier.load(directory, weights);
    requireDistinct(model, classifier.labels());
    Path baseDir = directory.baseDirectory();
    boolean generates =
        baseDir != null
            && Gpt2Config.fromPretrained(baseDir).architectures().contains("GPT2LMHeadModel");
    GenerationConfig generation = generates ? generation(baseDir) : null;
    return new ServedModel(
        model.toAbsolutePath().normalize().getFileName().toString(),
        directory.baseName(),
        generation == null ? null : baseDir,
        generation,
        weights,
        classifier.config(),
        classifier);
  }

  /** Answers name classes by their labels: of two equal ones, one would be lost. */
  static void requireDistinct(Path model, List<String> labels) throws IOException {
    Set<String> seen = new HashSet<>();
    for (String label : labels) {
      if (!seen.add(label)) {
        throw new IOException(
            model
                + ": id2label: expected another name for each class, found "
                + Printable.line(label)
                + " twice");
      }
    }
  }

  /** What the base's files say, or null where that cannot be obeyed: it classifies all the same. */
  private static GenerationConfig generation(Path base) {
    try {
      GenerationConfig config = GenerationConfig.fromPretrained(base);
      if (config.newTokensAfter(1) > Limits.NEW_TOKENS) {
        LOG.warn(
            "{}: its own limit of {} tokens is above the server's: continuations have {} at most",
            base,
            config.newTokensAfter(0),
            Limits.NEW_TOKENS);
      }
      return config;
    } catch (IOException e) {
      LOG.warn("{}; no text is generated", e.getMessage());
      return null;
    }
  }
}
