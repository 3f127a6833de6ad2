package org.gpt2j.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.testing.SeededWeights;
import org.gpt2j.tokenizer.BpeTrainer;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.SmsSpamCollection;

/** A model of two layers, its tokenizer and messages that it can learn to tell apart. */
public final class TinyModel {
  private static final Gpt2Tokenizer TOKENIZER =
      new BpeTrainer()
          .vocabSize(300)
          .specialTokens(List.of("<|endoftext|>"))
          .train(messages(20).stream().map(LabeledText::text).iterator());

  private TinyModel() {}

  public static Gpt2Tokenizer tokenizer() {
    return TOKENIZER;
  }

  /** vocab_size 300 or fewer, n_positions 32, n_embd 16, without dropout. */
  public static Gpt2Config config() {
    return Gpt2Config.gpt2().toBuilder()
        .vocabSize(TOKENIZER.vocabSize())
        .nPositions(32)
        .nEmbd(16)
        .nLayer(2)
        .nHead(2)
        .bosTokenId(0)
        .eosTokenId(0)
        .dropout(0)
        .build();
  }

  public static Gpt2Config classifierConfig() {
    return config().toBuilder().labels(SmsSpamCollection.ID2LABEL).padTokenId(0).build();
  }

  public static Gpt2ForSequenceClassification classifier() throws IOException {
    return new Gpt2ForSequenceClassification(classifierConfig(), new SeededWeights(3, 4));
  }

  /** Writes a base: a causal language model and its tokenizer. */
  public static Path saveBase(Path dir) throws IOException {
    new Gpt2LMHeadModel(config(), new SeededWeights(3, 4)).savePretrained(dir);
    TOKENIZER.savePretrained(dir);
    return dir;
  }

  /** Writes a whole classifier, as `train --mode full` does. */
  public static Path saveClassifier(Path dir) throws IOException {
    classifier().savePretrained(dir);
    TOKENIZER.withEosAsPadToken().savePretrained(dir);
    return dir;
  }

  /** Ham and spam in turn, of many lengths. */
  public static List<LabeledText> messages(int count) {
    List<LabeledText> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String tail = " and so on".repeat(i % 5) + " " + i;
      all.add(
          i % 2 == 0
              ? new LabeledText("ham", "see you at home" + tail)
              : new LabeledText("spam", "WIN a prize now!" + tail));
    }
    return all;
  }

  public static ClassificationData data(int count) {
    return ClassificationData.of(messages(count), TOKENIZER, 32, Map.of("ham", 0, "spam", 1));
  }

  /** Labels turned around: the better a training on the data goes, the higher this data's loss. */
  static ClassificationData opposite(ClassificationData data) {
    List<int[]> ids = IntStream.range(0, data.size()).mapToObj(data::inputIds).toList();
    int[] labels = IntStream.range(0, data.size()).map(i -> 1 - data.label(i)).toArray();
    return new ClassificationData(ids, labels);
  }

  /** Batches of 4, constant learning rate 0.01, a row a step; the rest as given. */
  static TrainingArguments arguments(Path output, String json) {
    ObjectNode all =
        JsonFile.parse(
            """
            {"per_device_train_batch_size": 4, "lr_scheduler_type": "constant",
             "learning_rate": 0.01, "logging_steps": 1}""");
    all.put("output_dir", output.toString());
    all.setAll(JsonFile.parse(json));
    return TrainingArguments.fromJson(all);
  }
}
