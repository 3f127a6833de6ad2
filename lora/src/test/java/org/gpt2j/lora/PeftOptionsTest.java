package org.gpt2j.lora;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.DerivedNetwork;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Options and tensors that are seldom there, against peft: make_peft_options.py. */
class PeftOptionsTest {
  private static Fixture fixture;

  @TempDir Path dir;

  @BeforeAll
  static void read() throws IOException {
    fixture = Fixture.load("peft_options/expected");
  }

  static List<String> variants() throws IOException {
    List<String> names = new ArrayList<>();
    Fixture.load("peft_options/expected")
        .json()
        .get("variants")
        .fieldNames()
        .forEachRemaining(names::add);
    return names;
  }

  private static Gpt2PreTrainedModel load(PretrainedAdapter adapter, boolean languageModel)
      throws IOException {
    Gpt2Config own = fixture.config();
    Gpt2PreTrainedModel model;
    if (languageModel) {
      DerivedNetwork base = adapter.forLanguageModel(UnaryOperator.identity());
      model = new Gpt2LMHeadModel(base.config(own), base.weights(own, fixture.weights()));
    } else {
      DerivedNetwork base = adapter.forClassifier(UnaryOperator.identity());
      model =
          new Gpt2ForSequenceClassification(base.config(own), base.weights(own, fixture.weights()));
    }
    return model;
  }

  private static void assertLogits(String variant, Gpt2PreTrainedModel model) {
    PackedBatch batch = PackedBatch.of(fixture.sequences());
    int[] last = Arrays.stream(batch.starts()).skip(1).map(s -> s - 1).toArray();
    INDArray logits =
        model instanceof Gpt2ForSequenceClassification c
            ? c.forward(batch)
            : ((Gpt2LMHeadModel) model).forward(batch, last);
    JsonNode expected = fixture.json().get("variants").get(variant).get("logits");
    Fixture.assertClose(variant, logits, Fixture.doubles(expected), 1e-4);
  }

  private static boolean isLanguageModel(String variant) {
    return fixture.json().at("/variants/" + variant + "/model").textValue().equals("CAUSAL_LM");
  }

  @ParameterizedTest
  @MethodSource("variants")
  void givesWhatPeftGives(String variant) throws IOException {
    PretrainedAdapter adapter = PretrainedAdapter.open(Fixture.path("peft_options/" + variant));
    Gpt2PreTrainedModel model = load(adapter, isLanguageModel(variant));

    LoraModel lora = LoraModel.fromPretrained(model, adapter, true);

    assertLogits(variant, model);
    lora.savePretrained(dir);
    assertSameOptions(adapter.directory(), dir);
    PretrainedAdapter saved = PretrainedAdapter.open(dir);
    Gpt2PreTrainedModel again = load(saved, isLanguageModel(variant));
    LoraModel.fromPretrained(again, saved, false).mergeAndUnload();
    assertLogits(variant, again);
  }

  /** What we write is what peft wrote, by key, a single value in a list. */
  private static void assertSameOptions(Path theirs, Path ours) throws IOException {
    ObjectNode expected = JsonFile.read(theirs.resolve(LoraConfigFile.NAME));
    ObjectNode written = JsonFile.read(ours.resolve(LoraConfigFile.NAME));
    for (String key :
        List.of(
            "task_type",
            "exclude_modules",
            "layers_to_transform",
            "layers_pattern",
            "target_modules",
            "rank_pattern",
            "alpha_pattern",
            "revision",
            "modules_to_save")) {
      JsonNode value = expected.get(key);
      JsonNode got = written.path(key);
      if (value.isNull()) {
        assertThat(got.isNull() || got.isMissingNode()).as(key).isTrue();
      } else if (value.isArray()) {
        assertThat(got).as(key).containsExactlyInAnyOrderElementsOf(value);
      } else if (value.isInt()) {
        assertThat(got).as(key).containsExactly(value);
      } else {
        assertThat(got.toString()).as(key).isEqualTo(value.toString());
      }
    }
  }

  /** Rows that an adapter adds are its own, in what it saves again too. */
  @Test
  void savedEmbeddingsAreSavedAgain() throws IOException {
    PretrainedAdapter adapter = PretrainedAdapter.open(Fixture.path("peft_options/resized"));
    Gpt2PreTrainedModel model = load(adapter, false);
    assertThat(model.config().vocabSize()).isEqualTo(69);
    LoraModel lora = LoraModel.fromPretrained(model, adapter, true);
    assertThat(model.trainableParameters())
        .noneMatch(p -> p.name().startsWith("wte"))
        .anyMatch(p -> p.name().startsWith("score"));
    lora.savePretrained(dir);
    assertThat(dir.resolve(LoraModel.WEIGHTS_FILE))
        .hasSameBinaryContentAs(adapter.directory().resolve(LoraModel.WEIGHTS_FILE));
    lora.loadWeights(dir);
    assertLogits("resized", model);
  }

  /** The classes and tokens that a file has, known before anything of its size is made. */
  @Test
  void theHeaderTellsTheSizes() throws IOException {
    PretrainedAdapter plain = PretrainedAdapter.open(Fixture.path("peft_options/named_spam"));
    assertThat(plain.numLabels()).hasValue(3);
    assertThat(plain.vocabSize()).isEmpty();
    PretrainedAdapter head = PretrainedAdapter.open(Fixture.path("peft_options/lm_head_resized"));
    assertThat(head.numLabels()).isEmpty();
    assertThat(head.vocabSize()).hasValue(69);
  }

  /** A state_dict's names are left out of what is written: it is peft's file again. */
  @Test
  void namesOfAdaptersAreNotWritten() throws IOException {
    PretrainedAdapter adapter = PretrainedAdapter.open(Fixture.path("peft_options/named_spam"));
    LoraModel.fromPretrained(load(adapter, false), adapter, false).savePretrained(dir);
    try (SafetensorsFile ours = SafetensorsFile.open(dir.resolve(LoraModel.WEIGHTS_FILE));
        SafetensorsFile theirs =
            SafetensorsFile.open(Fixture.path("peft_options/plain/" + LoraModel.WEIGHTS_FILE))) {
      assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(theirs.names());
    }
  }
}
