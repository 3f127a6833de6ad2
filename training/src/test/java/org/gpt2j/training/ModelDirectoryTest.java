package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.gpt2j.hub.DownloadListener;
import org.gpt2j.hub.Hub;
import org.gpt2j.io.JsonFile;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.GenerationConfig;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.WeightType;
import org.gpt2j.testing.ErrorOutput;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories as peft and transformers leave them: make_peft_directories.py. */
class ModelDirectoryTest {
  private static final String BASE = Fixture.path("peft_directories/base").toString();
  private static JsonNode expected;

  @TempDir Path dir;

  @BeforeAll
  static void read() throws IOException {
    expected = Fixture.load("peft_directories/expected").json();
  }

  private static Path fixture(String name) {
    return Fixture.path("peft_directories/" + name);
  }

  /** Every file of a directory, in a new one. */
  private static Path copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> all = Files.list(from)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to;
  }

  private static void set(Path adapter, String key, String value) throws IOException {
    Path file = adapter.resolve("adapter_config.json");
    ObjectNode json = JsonFile.read(file);
    JsonFile.write(file, json.put(key, value));
  }

  private static void assertLogits(TextClassifier classifier, String name) {
    for (int i = 0; i < expected.get("texts").size(); i++) {
      Classification c = classifier.classify(expected.get("texts").get(i).textValue());
      assertThat(c.tokenIds()).isEqualTo(Fixture.ints(expected.get("token_ids").get(i)));
      Fixture.assertClose(
          name + " " + i,
          c.logits(),
          toFloats(Fixture.doubles(expected.get("logits").get(name).get(i))),
          1e-4);
    }
  }

  private static float[] toFloats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @ParameterizedTest
  @CsvSource({
    "stock, stock, 'LABEL_0,LABEL_1,LABEL_2'",
    "trainer, trainer, 'LABEL_0,LABEL_1'",
    "named, named/spam, 'LABEL_0,LABEL_1'",
    "named/spam, named/spam, 'LABEL_0,LABEL_1'"
  })
  void classifiesAsAutoPeft(String directory, String values, String labels) throws IOException {
    try (TextClassifier classifier = TextClassifier.load(fixture(directory), BASE);
        TextClassifier int8 = TextClassifier.load(fixture(directory), BASE, WeightType.INT8)) {
      assertThat(classifier.labels()).containsExactly(labels.split(","));
      assertLogits(classifier, values);
      assertThat(int8.classify("see you").logits()).hasSize(labels.split(",").length);
    }
  }

  @Test
  void generatesAsAutoPeft() throws IOException {
    GenerationConfig greedy = GenerationConfig.builder().maxNewTokens(8).build();
    String adapter = fixture("generator").toString();
    try (TextGenerator generator = TextGenerator.load(adapter, BASE);
        TextGenerator plain = TextGenerator.load(BASE, null)) {
      String prompt = expected.get("prompt").textValue();
      int[] tokens = generator.generate(prompt, greedy).tokenIds();
      assertThat(tokens).isEqualTo(Fixture.ints(expected.get("generated")));
      assertThat(plain.generate(prompt, greedy).tokenIds()).isNotEqualTo(tokens);
    }
  }

  /** What a run leaves of checkpoints: one is taken, of several one must be named. */
  @Test
  void subfoldersOfSeveralAdaptersAreNamed() throws IOException {
    copy(fixture("stock"), dir.resolve("checkpoint-4"));
    try (TextClassifier classifier = TextClassifier.load(dir, BASE)) {
      assertLogits(classifier, "stock");
    }
    copy(fixture("stock"), dir.resolve("checkpoint-16"));
    assertThatIOException()
        .isThrownBy(() -> TextClassifier.load(dir, BASE))
        .withMessage(
            dir + ": expected a model or one adapter in it, found 2: checkpoint-16, checkpoint-4");
    assertThat(ModelDirectory.isIn(dir)).isFalse();
  }

  /** Names of classes: the adapter's, else the base's where there are as many. */
  @Test
  void labelsComeFromTheAdapterThenTheBase() throws IOException {
    Path adapter = copy(fixture("stock"), dir.resolve("adapter"));
    Path base = copy(fixture("base"), dir.resolve("base"));
    Gpt2Config config = Gpt2Config.fromPretrained(base);
    config.toBuilder().labels(List.of("x", "y", "z")).build().savePretrained(base);
    assertThat(labels(adapter, base)).containsExactly("x", "y", "z");

    config.toBuilder().labels(List.of("x", "y")).build().savePretrained(base);
    assertThat(labels(adapter, base)).containsExactly("LABEL_0", "LABEL_1", "LABEL_2");

    config.toBuilder().labels(List.of("a", "b", "c")).build().savePretrained(adapter);
    assertThat(labels(adapter, base)).containsExactly("a", "b", "c");

    config.toBuilder().labels(List.of("a", "b")).build().savePretrained(adapter);
    assertThatIOException()
        .isThrownBy(() -> labels(adapter, base))
        .withMessage(
            adapter.resolve("config.json")
                + ": id2label: expected 3 labels, as many as score in adapter_model.safetensors has"
                + " rows, found 2");
  }

  private static List<String> labels(Path adapter, Path base) throws IOException {
    try (TextClassifier classifier = TextClassifier.load(adapter, base.toString())) {
      return classifier.labels();
    }
  }

  /** config.json may speak of tokens whose rows nobody saved: then the base's vocabulary is it. */
  @Test
  void rowsThatNobodySavedAreNotAskedFor() throws IOException {
    Path adapter = copy(fixture("stock"), dir.resolve("adapter"));
    Gpt2Config base = Gpt2Config.fromPretrained(Path.of(BASE));
    base.toBuilder()
        .labels(List.of("a", "b", "c"))
        .vocabSize(base.vocabSize() + 1)
        .build()
        .savePretrained(adapter);
    try (TextClassifier classifier = TextClassifier.load(adapter, BASE)) {
      assertLogits(classifier, "stock");
      assertThat(classifier.config().vocabSize()).isEqualTo(base.vocabSize());
    }
  }

  /** The cache has the base in two revisions with other weights. */
  @Test
  void theRevisionOfTheBaseIsObeyed() throws IOException {
    Path model = dir.resolve("hub/models--tests--tiny");
    copy(fixture("base"), model.resolve("snapshots/" + "b".repeat(40)));
    Path main = copy(fixture("base"), model.resolve("snapshots/" + "a".repeat(40)));
    new Gpt2LMHeadModel(Gpt2Config.fromPretrained(main), new SeededWeights(1, 4))
        .savePretrained(main);
    Files.createDirectories(model.resolve("refs"));
    Files.writeString(model.resolve("refs/main"), "a".repeat(40));
    Files.writeString(model.resolve("refs/v1"), "b".repeat(40));
    Map<String, String> environment =
        Map.of("HF_HUB_CACHE", dir.resolve("hub").toString(), "HF_HUB_OFFLINE", "1");
    Hub hub = new Hub(environment, DownloadListener.NONE);

    Path adapter = copy(fixture("stock"), dir.resolve("adapter"));
    set(adapter, "revision", "v1");
    try (TextClassifier classifier = TextClassifier.load(adapter, null, WeightType.F32, hub)) {
      assertLogits(classifier, "stock");
    }
    assertThat(ModelDirectory.open(adapter, null, hub).baseName()).isEqualTo("tests/tiny@v1");
    set(adapter, "revision", null);
    assertThat(ModelDirectory.open(adapter, null, hub).baseDirectory()).isEqualTo(main);
    set(adapter, "revision", "v2");
    assertThatIOException()
        .isThrownBy(() -> TextClassifier.load(adapter, null, WeightType.F32, hub))
        .withMessageStartingWith(
            adapter
                + ": the adapter's base (base_model_name_or_path) is not here: tests/tiny@v2 is"
                + " neither a directory nor a model in the Hugging Face cache ")
        .withMessageEndingWith("; another can be given (--base)");
  }

  /** As peft writes it: the name and the revision apart. A directory has no revision. */
  @Test
  void namesOfBasesAndTheirRevisions() {
    LoraConfig.Builder builder = LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS);
    LoraConfig config = BaseModel.name(builder, "org/name@v1.2").build();
    assertThat(config.baseModelNameOrPath()).isEqualTo("org/name");
    assertThat(config.revision()).isEqualTo("v1.2");
    assertThat(BaseModel.nameOf(config)).isEqualTo("org/name@v1.2");
    config = BaseModel.name(builder, "org/name").build();
    assertThat(config.revision()).isNull();
    assertThat(BaseModel.nameOf(config)).isEqualTo("org/name");
    // Adapters of before had both in one.
    config = builder.baseModelNameOrPath("org/name@v1").revision(null).build();
    assertThat(BaseModel.nameOf(config)).isEqualTo("org/name@v1");
    config = builder.baseModelNameOrPath(BASE).revision("v1").build();
    assertThat(BaseModel.nameOf(config)).isEqualTo(BASE);
  }

  @Test
  void anotherBaseIsNamed() throws IOException {
    Path wide = TinyModel.saveBase(dir.resolve("wide"));
    Path adapter = fixture("stock");
    assertThatIOException()
        .isThrownBy(() -> TextClassifier.load(adapter, wide.toString()))
        .withMessage(
            "%s: the adapter was made for the base `tests/tiny`, found the base `%s`: %s"
                .formatted(
                    adapter,
                    wide,
                    adapter.resolve("adapter_model.safetensors")
                        + ": tensor base_model.model.transformer.h.0.attn.c_attn.lora_A.weight:"
                        + " expected shape [2, 16], found [2, 8]"));
  }

  /** Paths of the machine that an adapter was trained on. */
  @ParameterizedTest
  @ValueSource(strings = {"C:\\Users\\them\\gpt2", "/home/them/gpt2", "./models/gpt2-ours"})
  void aBaseOfAnotherMachineIsNamed(String name) throws IOException {
    Path adapter = copy(fixture("stock"), dir.resolve("adapter"));
    set(adapter, "base_model_name_or_path", name);
    assertThatIOException()
        .isThrownBy(() -> TextClassifier.load(adapter))
        .withMessage(
            adapter
                + ": the adapter's base (base_model_name_or_path) is not here: base model: expected"
                + " an existing directory or a hub name like gpt2 or org/name, found `"
                + name
                + "`; another can be given (--base)");
    try (TextClassifier classifier = TextClassifier.load(adapter, BASE)) {
      assertLogits(classifier, "stock");
    }
  }

  @Test
  void aWholeModelHasNoBase() throws IOException {
    Path whole = TinyModel.saveClassifier(dir.resolve("whole"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextClassifier.load(whole, BASE))
        .withMessage(
            "base: expected an adapter that it is the base of, found the whole model " + whole);
    ModelDirectory directory = ModelDirectory.open(whole, null, null);
    assertThat(directory.adapter()).isEmpty();
    assertThat(directory.baseName()).isNull();
    assertThat(directory.file("config.json")).contains(whole.resolve("config.json"));
    assertThat(directory.file("generation_config.json")).isEmpty();
  }

  /** transformers' from_pretrained and peft's AutoPeft read of such a directory the adapter. */
  @Test
  void anAdapterGoesBeforeAWholeModel() throws IOException {
    Path both = copy(fixture("stock"), dir.resolve("both"));
    TinyModel.saveClassifier(dir.resolve("whole"));
    Files.copy(dir.resolve("whole/model.safetensors"), both.resolve("model.safetensors"));
    String log =
        ErrorOutput.of(
            () -> {
              try (TextClassifier classifier = TextClassifier.load(both, BASE)) {
                assertLogits(classifier, "stock");
              }
            });
    assertThat(log).contains("WARN " + both + ": has the weights of a whole model and those of an");
    Files.delete(both.resolve("adapter_config.json"));
    Files.copy(dir.resolve("whole/config.json"), both.resolve("config.json"));
    assertThat(ModelDirectory.open(both, null, null).adapter()).isEmpty();
  }

  @Test
  void whatIsNoModelIsNoBase() throws IOException {
    Path empty = Files.createDirectory(dir.resolve("empty"));
    assertThatIOException()
        .isThrownBy(() -> TextClassifier.load(empty, BASE))
        .withMessage(empty.resolve("config.json") + ": no such file");
    String other = fixture("stock").toString();
    Path adapter = copy(fixture("stock"), dir.resolve("adapter"));
    String message =
        "%s: expected a whole model, the base of the adapter in %s, found another adapter"
            .formatted(other, adapter);
    assertThatIOException()
        .isThrownBy(() -> TextClassifier.load(adapter, other))
        .withMessage(message);
    set(adapter, "base_model_name_or_path", other);
    assertThatIOException().isThrownBy(() -> TextClassifier.load(adapter)).withMessage(message);
  }

  /** An adapter without a head, of a base that is a classifier itself. */
  @Test
  void theHeadMayBeTheBases() throws IOException {
    Path base = TinyModel.saveClassifier(dir.resolve("classifier"));
    Gpt2ForSequenceClassification tuned = Gpt2ForSequenceClassification.fromPretrained(base);
    LoraModel lora = LoraModel.apply(tuned, LoraConfig.builder(null).r(2).build(), 1);
    lora.stateDict().forEach((key, value) -> value.addi(key.contains("lora_B") ? 0.05 : 0));
    Path adapter = dir.resolve("adapter");
    lora.savePretrained(adapter);
    lora.mergeAndUnload().savePretrained(dir.resolve("merged"));
    TinyModel.tokenizer().savePretrained(dir.resolve("merged"));
    try (TextClassifier loaded = TextClassifier.load(adapter, base.toString());
        TextClassifier merged = TextClassifier.load(dir.resolve("merged"))) {
      assertThat(loaded.labels()).containsExactly("ham", "spam");
      Fixture.assertClose(
          "merged", loaded.classify("see you").logits(), merged.classify("see you").logits(), 1e-5);
    }
    assertThatIOException()
        .isThrownBy(() -> TextClassifier.load(fixture("generator"), BASE))
        .withMessage(
            fixture("generator").resolve("adapter_config.json")
                + ": task_type: CAUSAL_LM without a saved head of a classifier (score), and the"
                + " base `"
                + BASE
                + "` has none");
  }
}
