package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gpt2j.nn.Labels;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loss, logits and every gradient against PyTorch's (fixtures/gradients/make_gradients.py). */
class Gpt2GradientsTest {
  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "seq_cls",
        "variants/gelu",
        "variants/relu",
        "variants/silu",
        "variants/tanh",
        "variants/n_inner",
        "variants/inverse_layer_idx",
        "variants/no_attn_scale",
        "variants/layer_norm_epsilon"
      })
  void sequenceClassification(String name) throws IOException {
    Fixture fixture = Fixture.load("gradients/" + name);
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
    PackedBatch batch = PackedBatch.of(fixture.sequences());

    Fixture.assertClose(
        "logits", model.forward(batch), Fixture.doubles(fixture.json().get("logits")), TOLERANCE);
    double loss = model.forwardBackward(batch, Fixture.ints(fixture.json().get("labels")), 1);

    assertThat(loss).isCloseTo(fixture.json().get("loss").asDouble(), within(TOLERANCE));
    int expected = name.equals("seq_cls") ? model.parameters().size() : 9;
    assertThat(compareGradients(model, fixture)).isGreaterThanOrEqualTo(expected);
  }

  /** From make_problem_types.py. */
  @ParameterizedTest
  @ValueSource(strings = {"multi_label", "regression", "regression_2"})
  void labelsThatAreNumbers(String name) throws IOException {
    Fixture fixture = Fixture.load("gradients/" + name);
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
    PackedBatch batch = PackedBatch.of(fixture.sequences());

    assertThat(ProblemType.ofLoss(model.config()))
        .hasToString(fixture.json().get("problem_type").asText());
    Fixture.assertClose(
        "logits", model.forward(batch), Fixture.doubles(fixture.json().get("logits")), TOLERANCE);
    Labels labels = new Labels.Values(Fixture.rows(fixture.json().get("labels")));
    double loss = model.forwardBackward(batch, labels, 1);

    assertThat(loss).isCloseTo(fixture.json().get("loss").asDouble(), within(TOLERANCE));
    assertThat(compareGradients(model, fixture)).isEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lm", "lm_untied"})
  void languageModel(String name) throws IOException {
    Fixture fixture = Fixture.load("gradients/" + name);
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(fixture.config(), fixture.weights());
    PackedBatch batch = PackedBatch.of(fixture.sequences());
    int[] labels = Gpt2LMHeadModel.nextTokenLabels(batch);

    float[] logits = Fixture.floats(model.forward(batch));
    try (SafetensorsFile file =
        SafetensorsFile.open(Fixture.path("gradients/" + name + ".logits.safetensors"))) {
      int at = 0;
      for (int s = 0; s < batch.sequences(); s++) {
        float[] expected = file.floats("logits." + s);
        float[] actual = Arrays.copyOfRange(logits, at, at + expected.length);
        Fixture.assertClose("logits of sequence " + s, actual, expected, TOLERANCE);
        at += expected.length;
      }
      assertThat(at).isEqualTo(logits.length);
    }
    double expectedLoss = fixture.json().get("loss").asDouble();
    assertThat(model.loss(batch, labels)).isCloseTo(expectedLoss, within(TOLERANCE));
    assertThat(model.forwardBackward(batch, labels, 1)).isCloseTo(expectedLoss, within(TOLERANCE));
    assertThat(compareGradients(model, fixture)).isEqualTo(model.parameters().size());
  }

  private static int compareGradients(Gpt2PreTrainedModel model, Fixture fixture)
      throws IOException {
    int compared = 0;
    try (SafetensorsFile file = fixture.tensors()) {
      for (Parameter p : model.parameters()) {
        if (file.contains(p.name())) {
          Fixture.assertRelative(p.name(), p.gradient(), file.floats(p.name()), TOLERANCE);
          compared++;
        }
      }
      assertThat(compared).isEqualTo(file.names().size());
    }
    return compared;
  }

  @Test
  void gradientsAccumulateAndScale() throws IOException {
    Fixture fixture = Fixture.load("gradients/seq_cls");
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
    PackedBatch batch = PackedBatch.of(fixture.sequences());
    int[] labels = Fixture.ints(fixture.json().get("labels"));

    model.forwardBackward(batch, labels, 0.25);
    model.forwardBackward(batch, labels, 0.75);

    compareGradients(model, fixture);
    model.zeroGradients();
    assertThat(model.score().gradient().amaxNumber().doubleValue()).isZero();
  }

  /** With some parameters frozen, the others' gradients stay the same and the frozen have none. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "score.weight",
        "ln_f.bias",
        "h.1.mlp.c_proj.bias",
        "h.1.mlp.c_fc.weight",
        "h.1.ln_2.weight",
        "h.1.attn.c_proj.weight",
        "h.1.attn.c_attn.weight",
        "h.1.ln_1.bias",
        "h.0.attn.c_attn.bias",
        "h.0.ln_1.weight",
        "wpe.weight",
        "wte.weight"
      })
  void onlyOneTrainable(String name) throws IOException {
    Fixture fixture = Fixture.load("gradients/seq_cls");
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
    model.freeze();
    List<Parameter> trained = new ArrayList<>();
    model.parameters(
        p -> {
          if (p.name().equals(name)) {
            p.setRequiresGrad(true);
            trained.add(p);
          }
        });

    model.forwardBackward(
        PackedBatch.of(fixture.sequences()), Fixture.ints(fixture.json().get("labels")), 1);

    assertThat(trained).hasSize(1);
    try (SafetensorsFile file = fixture.tensors()) {
      Fixture.assertRelative(name, trained.get(0).gradient(), file.floats(name), TOLERANCE);
    }
    assertThat(model.trainableParameters()).containsExactlyElementsOf(trained);
  }
}
