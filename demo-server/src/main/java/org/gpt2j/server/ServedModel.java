package org.gpt2j.server;

import java.io.IOException;
import java.nio.file.Path;
import org.gpt2j.hub.Hub;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.WeightType;
import org.gpt2j.training.BaseModel;
import org.gpt2j.training.ModelDirectory;
import org.gpt2j.training.TextClassifier;

/**
 * What the server runs.
 *
 * @param name of the model's directory
 * @param base of the adapter, as {@link BaseModel#resolve} takes it; null for a whole model
 * @param languageModel directory of the base where that is a causal language model, else null
 */
record ServedModel(
    String name,
    String base,
    Path languageModel,
    WeightType weights,
    Gpt2Config config,
    TextClassifier classifier) {

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
    Path baseDir = directory.baseDirectory();
    boolean generates =
        baseDir != null
            && Gpt2Config.fromPretrained(baseDir).architectures().contains("GPT2LMHeadModel");
    return new ServedModel(
        model.toAbsolutePath().normalize().getFileName().toString(),
        directory.baseName(),
        generates ? baseDir : null,
        weights,
        classifier.config(),
        classifier);
  }
}
