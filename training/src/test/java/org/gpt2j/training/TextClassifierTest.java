package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.gpt2j.io.JsonFile;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.WeightType;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.SmsSpamCollection;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextClassifierTest {
  @TempDir static Path directory;
  private static Path model;

  @BeforeAll
  static void save() throws IOException {
    model = TinyModel.saveClassifier(directory.resolve("model"));
  }

  /** 41 texts, more than a batch, of 1 to some 70 tokens. */
  private static List<String> texts() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i <= 40; i++) {
      texts.add("x" + " now see".repeat(i / 2) + (i % 2 == 0 ? "" : "!"));
    }
    return texts;
  }

  private static void assertSame(Classification actual, Classification expected) {
    assertThat(actual.text()).isEqualTo(expected.text());
    assertThat(actual.label()).isEqualTo(expected.label());
    assertThat(actual.tokenIds()).isEqualTo(expected.tokenIds());
    Fixture.assertClose(actual.text(), actual.logits(), expected.logits(), 1e-5);
    assertThat(actual.score()).isCloseTo(expected.score(), within(1e-5));
  }

  @Test
  void aBatchGivesWhatOneByOneDoes() throws IOException {
    try (TextClassifier classifier = TextClassifier.load(model)) {
      List<Classification> batch = classifier.classify(texts());
      assertThat(batch).hasSize(41);
      for (int i = 0; i < 41; i++) {
        assertSame(batch.get(i), classifier.classify(texts().get(i)));
      }
      assertThat(batch.stream().map(Classification::label).distinct()).hasSize(2);
      assertThat(classifier.classify(List.of())).isEmpty();
    }
  }

  /** Wherever a text is cut: classified, evaluated or trained with. */
  @Test
  void aModelThatCutsTheBeginningReadsTheEnd() throws IOException {
    Path left = TinyModel.saveClassifier(directory.resolve("left"));
    Path file = left.resolve("tokenizer_config.json");
    ObjectNode config = JsonFile.read(file);
    JsonFile.write(file, config.put("truncation_side", "left").put("model_max_length", 8));
    String text = "now see ".repeat(30) + "the end of it all";
    try (TextClassifier classifier = TextClassifier.load(left)) {
      int[] all = TinyModel.tokenizer().encode(text);
      int[] end = Arrays.copyOfRange(all, all.length - 8, all.length);
      assertThat(classifier.classify(text).tokenIds()).isEqualTo(end);
      EncodedText encoded = classifier.encode(text).orElseThrow();
      assertThat(encoded.tokenIds()).isEqualTo(end);
      assertThat(encoded.truncated()).isTrue();
      LabeledText message = new LabeledText(classifier.labels().get(0), text);
      assertThat(classifier.predict(List.of(message), "").predictions()[0])
          .isEqualTo(classifier.classify(text).logits());
    }
    Gpt2Tokenizer tokenizer = Gpt2Tokenizer.fromPretrained(left);
    ClassificationData data =
        ClassificationData.of(List.of(new LabeledText("a", text)), tokenizer, 5, Map.of("a", 0));
    int[] all = tokenizer.encode(text);
    assertThat(data.inputIds(0)).isEqualTo(Arrays.copyOfRange(all, all.length - 5, all.length));
  }

  /** Near the floats' answers, and not the same: they were rounded. */
  @Test
  void weightsOfEightBitsAnswerAlmostTheSame() throws IOException {
    try (TextClassifier floats = TextClassifier.load(model);
        TextClassifier rounded = TextClassifier.load(model, null, WeightType.INT8)) {
      List<Classification> expected = floats.classify(texts());
      List<Classification> actual = rounded.classify(texts());
      boolean differs = false;
      for (int i = 0; i < expected.size(); i++) {
        float[] logits = expected.get(i).logits();
        Fixture.assertClose("text " + i, actual.get(i).logits(), logits, 0.05);
        differs |= !Arrays.equals(actual.get(i).logits(), logits);
      }
      assertThat(differs).isTrue();
    }
  }

  @Test
  void saysTheLabelItsProbabilityAndWhatWasRead() throws IOException {
    try (TextClassifier classifier = TextClassifier.load(model)) {
      assertThat(classifier.labels()).containsExactly("ham", "spam");
      Classification c = classifier.classify("see you at home");
      assertThat(c.text()).isEqualTo("see you at home");
      assertThat(c.tokenIds()).isEqualTo(TinyModel.tokenizer().encode("see you at home"));
      double[] e = {Math.exp(c.logits()[0]), Math.exp(c.logits()[1])};
      int best = e[1] > e[0] ? 1 : 0;
      assertThat(c.label()).isEqualTo(SmsSpamCollection.ID2LABEL.get(best));
      assertThat(c.score()).isCloseTo(e[best] / (e[0] + e[1]), within(1e-9)).isGreaterThan(0.5);
    }
  }

  @Test
  void cutsWhatIsLongerThanTheModelReads() throws IOException {
    String text = "WIN a prize now! ".repeat(30);
    try (TextClassifier classifier = TextClassifier.load(model)) {
      assertThat(TinyModel.tokenizer().encode(text).length).isGreaterThan(32);
      assertThat(classifier.classify(text).tokenIds()).hasSize(32);
    }
    Path shorter = TinyModel.saveClassifier(directory.resolve("shorter"));
    TinyModel.tokenizer().withEosAsPadToken().withModelMaxLength(5).savePretrained(shorter);
    try (TextClassifier classifier = TextClassifier.load(shorter)) {
      Classification cut = classifier.classify(text);
      assertThat(cut.tokenIds()).hasSize(5);
      assertThat(cut.text()).isEqualTo(text);
      String start = TinyModel.tokenizer().decode(cut.tokenIds());
      Fixture.assertClose("cut", cut.logits(), classifier.classify(start).logits(), 1e-6);
    }
  }

  @Test
  void manyThreadsGetTheSameAnswers() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try (TextClassifier classifier = TextClassifier.load(model)) {
      List<String> texts = texts();
      List<Classification> expected = classifier.classify(texts);
      List<Future<List<Classification>>> answers = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int first = t;
        Callable<List<Classification>> task =
            () -> {
              List<Classification> own = new ArrayList<>();
              for (int i = 0; i < texts.size(); i++) {
                own.add(classifier.classify(texts.get((first * 5 + i) % texts.size())));
              }
              return own;
            };
        answers.add(pool.submit(task));
      }
      for (int t = 0; t < 8; t++) {
        List<Classification> own = answers.get(t).get();
        for (int i = 0; i < texts.size(); i++) {
          assertSame(own.get(i), expected.get((t * 5 + i) % texts.size()));
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void closingWhileOthersClassifyRefusesOnlyWhatComesLater() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      TextClassifier classifier = TextClassifier.load(model);
      Classification expected = classifier.classify("see you");
      List<Future<Integer>> counts = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        counts.add(
            pool.submit(
                () -> {
                  for (int n = 0; ; n++) {
                    try {
                      assertSame(classifier.classify("see you"), expected);
                    } catch (IllegalStateException e) {
                      assertThat(e).hasMessage("this classifier is closed");
                      return n;
                    }
                  }
                }));
      }
      classifier.close();
      for (Future<Integer> count : counts) {
        assertThat(count.get()).isNotNegative();
      }
    } catch (ExecutionException e) {
      throw new AssertionError("a thread saw something else than closed", e);
    } finally {
      pool.shutdownNow();
    }
  }

  /** Two models compute at once: neither sees it, not even in the last bit. */
  @Test
  void twoClassifiersAtOnceAreBitIdentical() throws Exception {
    try (TextClassifier first = TextClassifier.load(model);
        TextClassifier second = TextClassifier.load(model)) {
      List<Classification> alone = first.classify(texts());
      ExecutorService pool = Executors.newFixedThreadPool(2);
      try {
        List<Future<List<Classification>>> results = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          TextClassifier classifier = i % 2 == 0 ? first : second;
          results.add(pool.submit(() -> classifier.classify(texts())));
        }
        for (Future<List<Classification>> result : results) {
          for (int i = 0; i < alone.size(); i++) {
            assertThat(result.get().get(i).logits()).isEqualTo(alone.get(i).logits());
          }
        }
      } finally {
        pool.shutdown();
      }
    }
  }

  @Test
  void anInterruptedCallerGetsItsAnswerAndKeepsItsFlag() throws IOException {
    try (TextClassifier classifier = TextClassifier.load(model)) {
      List<Classification> expected = classifier.classify(texts());
      Thread.currentThread().interrupt();
      List<Classification> actual = classifier.classify(texts());
      assertThat(Thread.interrupted()).isTrue();
      for (int i = 0; i < expected.size(); i++) {
        assertSame(actual.get(i), expected.get(i));
      }
    }
  }

  @Test
  void evaluatesByTheNamesOfTheLabels() throws IOException {
    Path swapped = directory.resolve("swapped");
    var config = TinyModel.classifierConfig().toBuilder().labels(List.of("spam", "ham")).build();
    new Gpt2ForSequenceClassification(config, new SeededWeights(3, 4)).savePretrained(swapped);
    TinyModel.tokenizer().withEosAsPadToken().savePretrained(swapped);
    try (TextClassifier classifier = TextClassifier.load(model);
        TextClassifier other = TextClassifier.load(swapped)) {
      double accuracy = classifier.evaluate(TinyModel.messages(30), "eval_").get("eval_accuracy");
      assertThat(other.evaluate(TinyModel.messages(30), "eval_").get("eval_accuracy"))
          .isCloseTo(1 - accuracy, within(1e-12));
    }
  }

  @Test
  void afterClosingEverythingIsRefused() throws IOException {
    TextClassifier classifier = TextClassifier.load(model);
    classifier.close();
    classifier.close();
    assertThatThrownBy(() -> classifier.classify("x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this classifier is closed");
    assertThatThrownBy(classifier::labels).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> classifier.evaluate(TinyModel.messages(2), ""))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesAnEmptyText() throws IOException {
    try (TextClassifier classifier = TextClassifier.load(model)) {
      assertThatThrownBy(() -> classifier.classify(""))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("text 1 of 1 is empty: there is nothing to classify");
      assertThatThrownBy(() -> classifier.classify(List.of("a", "b", "")))
          .hasMessage("text 3 of 3 is empty: there is nothing to classify");
      assertThat(classifier.classify(" ").tokenIds()).isNotEmpty();
    }
  }

  @Test
  void evaluatesMessages() throws IOException {
    List<LabeledText> messages = TinyModel.messages(40);
    try (TextClassifier classifier = TextClassifier.load(model)) {
      double right = 0;
      double loss = 0;
      for (LabeledText message : messages) {
        Classification c = classifier.classify(message.text());
        right += c.label().equals(message.label()) ? 1 : 0;
        double p = c.label().equals(message.label()) ? c.score() : 1 - c.score();
        loss -= Math.log(p);
      }
      Map<String, Double> metrics = classifier.evaluate(messages, "test_");
      assertThat(metrics.get("test_accuracy")).isEqualTo(right / 40);
      assertThat(metrics.get("test_loss")).isCloseTo(loss / 40, within(1e-5));
    }
  }

  private static Path saveAdapter(String name, String base) throws IOException {
    Path dir = directory.resolve(name);
    Gpt2ForSequenceClassification tuned = TinyModel.classifier();
    LoraConfig config =
        LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS).baseModelNameOrPath(base).build();
    LoraModel lora = LoraModel.apply(tuned, config, 1);
    lora.stateDict().forEach((key, value) -> value.addi(key.contains("lora_B") ? 0.05 : 0));
    lora.savePretrained(dir);
    tuned.config().savePretrained(dir);
    TinyModel.tokenizer().withEosAsPadToken().savePretrained(dir);
    return dir;
  }

  @Test
  void anAdapterFindsItsBase() throws IOException {
    Path base = TinyModel.saveBase(directory.resolve("base"));
    Path adapter = saveAdapter("adapter", base.toString());
    Classification plain;
    try (TextClassifier classifier = TextClassifier.load(model)) {
      plain = classifier.classify("see you");
    }
    try (TextClassifier named = TextClassifier.load(adapter);
        TextClassifier given = TextClassifier.load(adapter, base.toString())) {
      Classification c = named.classify("see you");
      assertSame(given.classify("see you"), c);
      assertThat(Math.abs(c.logits()[0] - plain.logits()[0])).isGreaterThan(1e-4f);
    }
  }

  /** The adapter is merged first: what is rounded is the whole weight. */
  @Test
  void anAdapterIsRoundedWithItsBase() throws IOException {
    Path base = TinyModel.saveBase(directory.resolve("int8Base"));
    Path adapter = saveAdapter("int8Adapter", base.toString());
    try (TextClassifier floats = TextClassifier.load(adapter);
        TextClassifier int8 = TextClassifier.load(adapter, null, WeightType.INT8);
        TextClassifier whole = TextClassifier.load(model, null, WeightType.INT8)) {
      float[] expected = floats.classify("see you").logits();
      float[] rounded = int8.classify("see you").logits();
      float[] without = whole.classify("see you").logits();
      for (int i = 0; i < expected.length; i++) {
        float change = Math.abs(without[i] - expected[i]);
        assertThat(Math.abs(rounded[i] - expected[i])).isPositive().isLessThan(change / 2);
      }
    }
  }

  @Test
  void anAdapterWithoutABaseIsRefused() throws IOException {
    Path gone = directory.resolve("gone");
    Path adapter = saveAdapter("orphan", gone.toString());
    assertThatThrownBy(() -> TextClassifier.load(adapter))
        .isInstanceOf(IOException.class)
        .hasMessage(
            adapter
                + ": the adapter's base (base_model_name_or_path) is not here: base model: expected"
                + " an existing directory or a hub name like gpt2 or org/name, found `"
                + gone
                + "`; another can be given (--base)");
    Path file = adapter.resolve("adapter_config.json");
    ObjectNode json = JsonFile.read(file);
    json.putNull("base_model_name_or_path");
    JsonFile.write(file, json);
    assertThatThrownBy(() -> TextClassifier.load(adapter))
        .isInstanceOf(IOException.class)
        .hasMessage(
            adapter + ": the adapter names no base (base_model_name_or_path), and none was given");
  }

  @Test
  void refusesADirectoryWithoutAModel() throws IOException {
    Path none = directory.resolve("none");
    assertThatThrownBy(() -> TextClassifier.load(none))
        .isInstanceOf(IOException.class)
        .hasMessage(none + ": expected a model's directory, found none");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    assertThatThrownBy(() -> TextClassifier.load(empty))
        .isInstanceOf(IOException.class)
        .hasMessage(empty.resolve("config.json") + ": no such file");
  }

  @Test
  void refusesAModelWhoseWeightsAreNoNumbers(@TempDir Path damaged) throws IOException {
    Gpt2ForSequenceClassification model = TinyModel.classifier();
    TinyModel.tokenizer().withEosAsPadToken().savePretrained(damaged);
    model.score().value().putScalar(0, Float.NaN);
    model.savePretrained(damaged);
    assertThatThrownBy(() -> TextClassifier.load(damaged))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            damaged.resolve("model.safetensors")
                + ": tensor score.weight: expected finite numbers, found others");
    // Numbers, but too large to add up.
    model.score().value().getRow(0).assign(Float.MAX_VALUE);
    model.savePretrained(damaged);
    try (TextClassifier classifier = TextClassifier.load(damaged)) {
      assertThatThrownBy(() -> classifier.classify(List.of("see you", "win")))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageMatching(
              "text 1 of 2: expected finite logits, found \\[(NaN|-?Infinity), .*\\]: are the model's weights"
                  + " damaged\\?");
      assertThatThrownBy(() -> classifier.evaluate(TinyModel.messages(3), "eval_"))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageStartingWith("text 1 of 3: expected finite logits, found [");
    }
  }

  /** After some texts the weights are packed: nothing of it must show. */
  @Test
  void scoresDoNotChangeWhenTheWeightsArePacked() throws IOException {
    try (TextClassifier classifier = TextClassifier.load(model)) {
      Classification first = classifier.classify("win a prize now");
      for (int i = 0; i < 20; i++) {
        Classification again = classifier.classify("win a prize now");
        assertThat(again.score()).as("text " + i).isCloseTo(first.score(), within(1e-6));
        assertThat(again.label()).isEqualTo(first.label());
      }
    }
  }

  @Test
  void aLanguageModelIsNoClassifier(@TempDir Path directory) throws IOException {
    Path base = TinyModel.saveBase(directory.resolve("base"));
    assertThatThrownBy(() -> TextClassifier.load(base))
        .hasMessageStartingWith(
            base.resolve("model.safetensors")
                + ": tensor score.weight is missing, the file has transformer.h.0.");
  }
}
