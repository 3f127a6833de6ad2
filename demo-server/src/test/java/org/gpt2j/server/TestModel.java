package org.gpt2j.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.WeightType;
import org.gpt2j.testing.SeededWeights;
import org.gpt2j.tokenizer.BpeTrainer;
import org.gpt2j.tokenizer.Gpt2Tokenizer;

/** Models of two layers and, but where a test says so, 48 positions. */
final class TestModel {
  private static final int POSITIONS = 48;

  private static final Gpt2Tokenizer TOKENIZER =
      new BpeTrainer()
          .vocabSize(300)
          .specialTokens(List.of("<|endoftext|>"))
          .train(texts(20).iterator())
          .withEosAsPadToken();

  private TestModel() {}

  private static Gpt2Config config(int positions) {
    return Gpt2Config.gpt2().toBuilder()
        .vocabSize(TOKENIZER.vocabSize())
        .nPositions(positions)
        .nEmbd(16)
        .nLayer(2)
        .nHead(2)
        .bosTokenId(0)
        .eosTokenId(0)
        .dropout(0)
        .build();
  }

  private static Gpt2ForSequenceClassification classifier(int positions) throws IOException {
    Gpt2Config config =
        config(positions).toBuilder().labels(List.of("ham", "spam")).padTokenId(0).build();
    return new Gpt2ForSequenceClassification(config, new SeededWeights(3, 4));
  }

  /** Writes a language model and an adapter of it, which classifies. */
  static Path saveAdapter(Path parent) throws IOException {
    return saveAdapter(parent, POSITIONS);
  }

  /** Writes a language model of so many positions and an adapter of it, which classifies. */
  static Path saveAdapter(Path parent, int positions) throws IOException {
    Path base = Files.createDirectories(parent.resolve("base"));
    new Gpt2LMHeadModel(config(positions), new SeededWeights(3, 4)).savePretrained(base);
    TOKENIZER.savePretrained(base);
    Path adapter = Files.createDirectories(parent.resolve("adapter"));
    Gpt2ForSequenceClassification tuned = classifier(positions);
    LoraConfig config =
        LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS)
            .baseModelNameOrPath(base.toString())
            .build();
    LoraModel lora = LoraModel.apply(tuned, config, 1);
    lora.stateDict().forEach((key, value) -> value.addi(key.contains("lora_B") ? 0.05 : 0));
    lora.savePretrained(adapter);
    tuned.config().savePretrained(adapter);
    TOKENIZER.savePretrained(adapter);
    return adapter;
  }

  /** Writes a classifier that has no base. */
  static Path saveWhole(Path dir) throws IOException {
    Files.createDirectories(dir);
    classifier(POSITIONS).savePretrained(dir);
    TOKENIZER.savePretrained(dir);
    return dir;
  }

  /** Writes a classifier of another problem_type, which has no base. */
  static Path saveWhole(Path dir, String problemType, String... labels) throws IOException {
    Files.createDirectories(dir);
    Gpt2Config config =
        config(POSITIONS).toBuilder()
            .labels(List.of(labels))
            .problemType(problemType)
            .padTokenId(0)
            .build();
    new Gpt2ForSequenceClassification(config, new SeededWeights(3, 4)).savePretrained(dir);
    TOKENIZER.savePretrained(dir);
    return dir;
  }

  static ServedModel load(Path dir) throws IOException {
    return ServedModel.load(dir, null, WeightType.F32, null);
  }

  /** Texts of many lengths, some longer than the model reads, of both labels. */
  static List<String> texts(int count) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String start = i % 2 == 0 ? "see you at home" : "WIN a prize now!";
      texts.add(start + " and so on".repeat(i % 7) + " " + i);
    }
    return texts;
  }
}
