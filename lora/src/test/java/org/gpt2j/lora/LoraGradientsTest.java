package org.gpt2j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loss, logits and gradients of adapters against stock peft's (make_lora_gradients.py). */
class LoraGradientsTest {
  private static final double TOLERANCE = 1e-4;

  private static LoraModel seeded(Fixture fixture) throws IOException {
    LoraConfig config = config(fixture);
    Gpt2PreTrainedModel model =
        config.taskType() == LoraConfig.TaskType.SEQ_CLS
            ? new Gpt2ForSequenceClassification(fixture.config(), fixture.weights())
            : new Gpt2LMHeadModel(fixture.config(), fixture.weights());
    LoraModel lora = LoraModel.apply(model, config, 1);
    for (Parameter p : model.parameters()) {
      if (p.name().contains(".lora_")) {
        p.value().assign(fixture.weights().get(p.name(), p.value().shape()));
      }
    }
    return lora;
  }

  private static LoraConfig config(Fixture fixture) {
    ObjectNode json = (ObjectNode) fixture.json().get("lora").deepCopy();
    return LoraConfigFile.parse(json.put("peft_type", "LORA"));
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
        "regex"
      })
  void sequenceClassification(String variant) throws IOException {
    Fixture fixture = Fixture.load("lora_gradients/" + variant);
    LoraModel lora = seeded(fixture);
    Gpt2ForSequenceClassification model = (Gpt2ForSequenceClassification) lora.model();
    PackedBatch batch = PackedBatch.of(fixture.sequences());

    Fixture.assertClose(
        "logits", model.forward(batch), Fixture.doubles(fixture.json().get("logits")), TOLERANCE);
    double loss = model.forwardBackward(batch, Fixture.ints(fixture.json().get("labels")), 1);

    assertThat(loss).isCloseTo(fixture.json().get("loss").asDouble(), within(TOLERANCE));
    compareGradients(lora, fixture);
  }

  @Test
  void causalLanguageModel() throws IOException {
    Fixture fixture = Fixture.load("lora_gradients/causal_lm");
    LoraModel lora = seeded(fixture);
    Gpt2LMHeadModel model = (Gpt2LMHeadModel) lora.model();
    PackedBatch batch = PackedBatch.of(fixture.sequences());

    float[] logits = Fixture.floats(model.forward(batch));
    try (SafetensorsFile file =
        SafetensorsFile.open(Fixture.path("lora_gradients/causal_lm.logits.safetensors"))) {
      int at = 0;
      for (int s = 0; s < batch.sequences(); s++) {
        float[] expected = file.floats("logits." + s);
        float[] part = Arrays.copyOfRange(logits, at, at + expected.length);
        Fixture.assertClose("logits of sequence " + s, part, expected, TOLERANCE);
        at += expected.length;
      }
    }
    double loss = model.forwardBackward(batch, Gpt2LMHeadModel.nextTokenLabels(batch), 1);
    assertThat(loss).isCloseTo(fixture.json().get("loss").asDouble(), within(TOLERANCE));
    compareGradients(lora, fixture);
  }

  private static void compareGradients(LoraModel lora, Fixture fixture) throws IOException {
    try (SafetensorsFile file = fixture.tensors()) {
      int compared = 0;
      for (Parameter p : lora.model().trainableParameters()) {
        String name = p.name();
        if (!file.contains(name)) {
          name = name.replace(".bias", ".base_layer.bias");
        }
        Fixture.assertRelative(name, p.gradient(), file.floats(name), TOLERANCE);
        compared++;
      }
      assertThat(compared).isEqualTo(file.names().size());
    }
  }

  /** B is zero at first, so a fresh adapter changes nothing; and A lies within ±1/sqrt(in). */
  @Test
  void freshAdapterChangesNothing() throws IOException {
    Fixture fixture = Fixture.load("lora_gradients/plain");
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
    PackedBatch batch = PackedBatch.of(fixture.sequences());
    float[] before = Fixture.floats(model.forward(batch));

    LoraModel.apply(model, config(fixture), 42);

    assertThat(Fixture.floats(model.forward(batch))).containsExactly(before);
    double bound = 1 / Math.sqrt(fixture.config().nEmbd());
    for (Parameter p : model.parameters()) {
      if (p.name().endsWith("c_attn.lora_A.weight")) {
        double largest = p.value().amaxNumber().doubleValue();
        assertThat(largest).isBetween(0.9 * bound, bound);
      }
    }
  }
}
