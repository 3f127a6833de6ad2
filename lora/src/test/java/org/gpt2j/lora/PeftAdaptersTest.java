package org.gpt2j.lora;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SharedData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Adapters that stock peft saved (make_peft_adapters.py), and strangers' from the hub. */
class PeftAdaptersTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir Path dir;

  /** Of each sequence: the class logits, or those of the token after it. */
  private static INDArray logits(Gpt2PreTrainedModel model, PackedBatch batch) {
    int[] last = Arrays.stream(batch.starts()).skip(1).map(s -> s - 1).toArray();
    return model instanceof Gpt2ForSequenceClassification c
        ? c.forward(batch)
        : ((Gpt2LMHeadModel) model).forward(batch, last);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "rslora",
        "patterns",
        "bias_all",
        "bias_lora_only",
        "all_linear",
        "regex",
        "causal_lm"
      })
  void loadsMergesAndSavesBack(String variant) throws IOException {
    Path adapter = Fixture.path("peft_adapters/" + variant);
    Fixture fixture = Fixture.load("peft_adapters/" + variant + "/expected");
    Gpt2PreTrainedModel model =
        variant.equals("causal_lm")
            ? new Gpt2LMHeadModel(fixture.config(), fixture.weights())
            : new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
    PackedBatch batch = PackedBatch.of(fixture.sequences());
    JsonNode json = fixture.json();
    Fixture.assertClose(
        "base", logits(model, batch), Fixture.doubles(json.get("base_logits")), TOLERANCE);

    LoraModel lora = LoraModel.fromPretrained(model, adapter, false);

    float[] adapted = Fixture.floats(logits(model, batch));
    Fixture.assertClose(
        "adapted", logits(model, batch), Fixture.doubles(json.get("logits")), TOLERANCE);
    assertThat(model.trainableParameters()).isEmpty();
    lora.merge();
    Fixture.assertClose(
        "merged", logits(model, batch), Fixture.doubles(json.get("merged_logits")), TOLERANCE);
    lora.unmerge();
    assertThat(Fixture.floats(logits(model, batch))).containsExactly(adapted);

    lora.savePretrained(dir);
    assertThat(dir.resolve(LoraModel.WEIGHTS_FILE))
        .hasSameBinaryContentAs(adapter.resolve(LoraModel.WEIGHTS_FILE));
    assertSameOptions(adapter.resolve(LoraConfigFile.NAME), dir.resolve(LoraConfigFile.NAME));

    Gpt2PreTrainedModel plain = lora.mergeAndUnload();
    Fixture.assertClose(
        "unloaded", logits(plain, batch), Fixture.doubles(json.get("merged_logits")), TOLERANCE);
    assertThat(plain.parameters()).noneMatch(p -> p.name().contains("lora_"));
  }

  /** Each key that we write has the value that peft wrote, lists in any order. */
  private static void assertSameOptions(Path theirs, Path ours) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode expected = mapper.readTree(theirs.toFile());
    JsonNode written = mapper.readTree(ours.toFile());
    written
        .properties()
        .forEach(
            e -> {
              JsonNode value = expected.get(e.getKey());
              assertThat(value).as(e.getKey() + " is a key of peft's").isNotNull();
              if (value.isArray()) {
                assertThat(e.getValue()).as(e.getKey()).containsExactlyInAnyOrderElementsOf(value);
              } else if (value.isNumber()) {
                assertThat(e.getValue().asDouble()).as(e.getKey()).isEqualTo(value.asDouble());
              } else if (value.isObject()) {
                assertThat(e.getValue().toString()).as(e.getKey()).isEqualTo(value.toString());
              } else {
                assertThat(e.getValue()).as(e.getKey()).isEqualTo(value);
              }
            });
  }

  @Test
  void trainableParametersAreCountedAsPeftCounts() throws IOException {
    Fixture fixture = Fixture.load("peft_adapters/trainable_parameters");
    JsonNode models = fixture.json().get("models");
    JsonNode cases = fixture.json().get("cases");
    assertThat(cases.toString()).contains("trainable params: 812,544 || all params: 125,253,888");
    for (JsonNode c : cases) {
      ObjectNode json = (ObjectNode) c.get("lora").deepCopy();
      LoraConfig config = LoraConfigFile.parse(json.put("peft_type", "LORA"));
      ObjectNode baseJson = (ObjectNode) models.get(c.get("model").asText()).deepCopy();
      Gpt2Config base = Gpt2Config.fromJson(baseJson.put("model_type", "gpt2").toString());
      // Shapes are what is counted: zeros spare drawing 124 million numbers a case.
      Gpt2PreTrainedModel model =
          config.taskType() == LoraConfig.TaskType.SEQ_CLS
              ? new Gpt2ForSequenceClassification(base, PeftAdaptersTest::zeros)
              : new Gpt2LMHeadModel(base, PeftAdaptersTest::zeros);
      assertThat(LoraModel.apply(model, config, 0).trainableParameters())
          .as(json.toString())
          .isEqualTo(c.get("printed").asText());
    }
  }

  private static INDArray zeros(String name, long... shape) {
    return Nd4j.zeros(DataType.FLOAT, shape);
  }

  @ParameterizedTest
  @ValueSource(strings = {"seqcls-r8-cattn", "seqcls-r8-cattn-cproj"})
  void strangersAdaptersOnTheSeededBase(String name) throws IOException {
    Path adapter = SharedData.require("adapters/" + name);
    Fixture fixture = Fixture.load("shared_adapters");
    JsonNode expected = fixture.json().get("adapters").get(name);
    Gpt2Config base = Gpt2Config.fromJson(expected.get("config").toString());
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(base, fixture.weights());
    LoraModel lora = LoraModel.fromPretrained(model, adapter, false);
    PackedBatch batch = PackedBatch.of(fixture.sequences());

    Fixture.assertClose(
        "adapted", model.forward(batch), Fixture.doubles(expected.get("logits")), TOLERANCE);
    lora.merge();
    Fixture.assertClose(
        "merged", model.forward(batch), Fixture.doubles(expected.get("merged_logits")), TOLERANCE);

    lora.unmerge();
    lora.savePretrained(dir);
    assertThat(Files.size(dir.resolve(LoraModel.WEIGHTS_FILE)))
        .isEqualTo(Files.size(adapter.resolve(LoraModel.WEIGHTS_FILE)));
  }
}
