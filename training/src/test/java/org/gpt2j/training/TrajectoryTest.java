package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.JsonFile;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Labels;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Whole trainings, step by step, against transformers and peft (make_trajectory.py). */
class TrajectoryTest {
  private static final double TOLERANCE = 1e-3;

  private final Fixture base;
  private final Gpt2Config config;
  private final ClassificationData data;

  TrajectoryTest() throws IOException {
    base = Fixture.load("trajectory/data");
    config = base.config().toBuilder().dropout(0).build();
    List<int[]> messages = new ArrayList<>();
    base.json().get("messages").forEach(m -> messages.add(Fixture.ints(m)));
    data = new ClassificationData(messages, Fixture.ints(base.json().get("labels")));
  }

  private static TrainingArguments arguments(JsonNode theirs) {
    ObjectNode json = theirs.deepCopy();
    json.set("per_device_train_batch_size", json.remove("batch_size"));
    json.put("warmup_ratio", 0);
    json.put("logging_steps", 1);
    json.put("shuffle", false);
    json.put("eval_strategy", "no");
    json.put("save_strategy", "no");
    return TrainingArguments.fromJson(json);
  }

  private static void compareSteps(TrainerState state, JsonNode steps) {
    assertThat(state.globalStep()).isEqualTo(steps.size());
    for (int i = 0; i < steps.size(); i++) {
      Map<String, Double> row = state.logHistory().get(i);
      for (String key : List.of("loss", "grad_norm", "learning_rate")) {
        double expected = steps.get(i).get(key).asDouble();
        assertThat(row.get(key))
            .as("%s of step %d", key, i + 1)
            .isCloseTo(expected, within(Math.abs(expected) * TOLERANCE));
      }
    }
  }

  private static TrainerState train(TrainerBuilder trainer, JsonNode json, TrainingData trainData)
      throws IOException {
    return trainer.args(arguments(json.get("arguments"))).trainDataset(trainData).build().train();
  }

  @Test
  void loraFiftySteps() throws IOException {
    JsonNode json = Fixture.load("trajectory/lora").json();
    Gpt2ForSequenceClassification model = new Gpt2ForSequenceClassification(config, base.weights());
    LoraModel lora = LoraModel.fromPretrained(model, Fixture.path("trajectory/lora_init"), true);

    TrainerState state = train(Trainer.builder(lora), json, data);

    assertThat(state.globalStep()).isEqualTo(50);
    compareSteps(state, json.get("steps"));
    try (SafetensorsFile expected =
        SafetensorsFile.open(Fixture.path("trajectory/lora_final/" + LoraModel.WEIGHTS_FILE))) {
      Map<String, INDArray> actual = lora.stateDict();
      assertThat(actual.keySet()).containsExactlyInAnyOrderElementsOf(expected.names());
      for (String name : expected.names()) {
        Fixture.assertClose(
            name, Fixture.floats(actual.get(name)), expected.floats(name), TOLERANCE);
      }
    }
  }

  /** From make_problem_types.py. */
  @ParameterizedTest
  @ValueSource(strings = {"multi_label", "regression"})
  void loraWithLabelsThatAreNumbers(String name) throws IOException {
    Fixture fixture = Fixture.load("trajectory/" + name);
    JsonNode json = fixture.json();
    Gpt2Config own = fixture.config().toBuilder().dropout(0).build();
    Gpt2ForSequenceClassification model = new Gpt2ForSequenceClassification(own, fixture.weights());
    LoraConfig options =
        LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS)
            .r(8)
            .loraAlpha(32)
            .loraDropout(0)
            .targetModules("c_attn", "c_proj")
            .build();
    LoraModel lora = LoraModel.apply(model, options, 1);
    for (Parameter p : model.trainableParameters()) {
      if (p.name().endsWith("lora_A.weight")) {
        p.value().assign(fixture.weights().get(p.name(), p.value().shape()));
      }
    }
    List<int[]> messages = new ArrayList<>();
    json.get("messages").forEach(m -> messages.add(Fixture.ints(m)));
    Labels labels = new Labels.Values(Fixture.rows(json.get("labels")));

    TrainerState state =
        train(Trainer.builder(lora), json, new ClassificationData(messages, labels));

    assertThat(state.globalStep()).isEqualTo(15);
    compareSteps(state, json.get("steps"));
    compareFinal(model, json.get("final"), 25);
  }

  @Test
  void everyWeightTenSteps() throws IOException {
    JsonNode json = Fixture.load("trajectory/full").json();
    Gpt2ForSequenceClassification model = new Gpt2ForSequenceClassification(config, base.weights());
    compareSteps(train(Trainer.builder(model), json, data), json.get("steps"));
    compareFinal(model, json.get("final"), 50);
  }

  @Test
  void languageModelTenSteps() throws IOException {
    JsonNode json = Fixture.load("trajectory/causal_lm").json();
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(config, base.weights());
    TrainingData nextTokens =
        new TrainingData() {
          @Override
          public int size() {
            return data.size();
          }

          @Override
          public int[] inputIds(int index) {
            return data.inputIds(index);
          }

          @Override
          public int[] labels(PackedBatch batch, int[] indices) {
            return Gpt2LMHeadModel.nextTokenLabels(batch);
          }
        };
    compareSteps(train(Trainer.builder(model), json, nextTokens), json.get("steps"));
    compareFinal(model, json.get("final"), 50);
  }

  /** Sums and first values of ranges of the final weights; each weight within the tolerance. */
  private static void compareFinal(Gpt2PreTrainedModel model, JsonNode rows, int atLeast) {
    assertThat(rows.size()).isGreaterThanOrEqualTo(atLeast);
    for (JsonNode row : rows) {
      String name = row.get("name").asText();
      Parameter p =
          model.parameters().stream()
              .filter(q -> q.name().equals(name))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no parameter " + name));
      float[] values = Fixture.floats(p.value());
      int start = row.get("start").asInt();
      int end = row.get("end").asInt();
      double sum = 0;
      double absolute = 0;
      for (int i = start; i < end; i++) {
        sum += values[i];
        absolute += Math.abs(values[i]);
      }
      double allowed = TOLERANCE * Math.sqrt(end - start);
      assertThat(sum).as("sum of " + name).isCloseTo(row.get("sum").asDouble(), within(allowed));
      assertThat(absolute)
          .as("absolute sum of " + name)
          .isCloseTo(row.get("abs_sum").asDouble(), within(allowed));
      double[] first = Fixture.doubles(row.get("first"));
      for (int i = 0; i < first.length; i++) {
        assertThat((double) values[start + i])
            .as("%s at %d", name, start + i)
            .isCloseTo(first[i], within(TOLERANCE));
      }
    }
  }

  /** Batches of 8 accumulated twice are a batch of 16, where the lengths' mean is per sequence. */
  @Test
  void accumulatedBatchesAreOneLargeBatch() throws IOException {
    JsonNode json = Fixture.load("trajectory/full").json();
    ObjectNode halves = json.get("arguments").deepCopy();
    halves.put("batch_size", 8);
    halves.put("gradient_accumulation_steps", 2);
    Gpt2ForSequenceClassification model = new Gpt2ForSequenceClassification(config, base.weights());
    ObjectNode wrapped = JsonFile.parse("{}");
    wrapped.set("arguments", halves);
    compareSteps(train(Trainer.builder(model), wrapped, data), json.get("steps"));
  }

  @Test
  void schedulesAreTransformers() throws IOException {
    JsonNode cases = Fixture.load("trajectory/schedules").json();
    assertThat(cases.size()).isGreaterThan(10);
    for (JsonNode c : cases) {
      SchedulerType type = SchedulerType.valueOf(c.get("name").asText().toUpperCase());
      double[] factors = Fixture.doubles(c.get("factors"));
      for (int step = 0; step < factors.length; step++) {
        assertThat(type.factor(step, c.get("warmup").asLong(), c.get("total").asLong()))
            .as("%s of %s at %d", type, c, step)
            .isCloseTo(factors[step], within(1e-12));
      }
    }
  }

  @Test
  void adamWIsTorchs() throws IOException {
    for (JsonNode c : Fixture.load("trajectory/adamw").json()) {
      List<Parameter> parameters = new ArrayList<>();
      List<JsonNode> tensors = new ArrayList<>();
      c.get("tensors")
          .properties()
          .forEach(
              e -> {
                long[] shape =
                    Arrays.stream(Fixture.ints(e.getValue().get("shape"))).asLongStream().toArray();
                Parameter p = Parameter.zeros(e.getKey(), DataType.FLOAT, shape);
                p.value().data().setData(Fixture.doubles(e.getValue().get("initial")));
                p.setRequiresGrad(true);
                parameters.add(p);
                tensors.add(e.getValue());
              });
      AdamW optimizer =
          new AdamW(
              parameters,
              c.get("weight_decay").asDouble(),
              c.get("adam_beta1").asDouble(),
              c.get("adam_beta2").asDouble(),
              c.get("adam_epsilon").asDouble());
      int steps = tensors.get(0).get("values").size();
      for (int step = 0; step < steps; step++) {
        for (int t = 0; t < tensors.size(); t++) {
          parameters.get(t).gradient().data().setData(slice(tensors.get(t), "gradients", step));
        }
        optimizer.step(c.get("learning_rate").asDouble(), 1);
        for (int t = 0; t < tensors.size(); t++) {
          Fixture.assertClose(
              "step " + step,
              parameters.get(t).value(),
              slice(tensors.get(t), "values", step),
              1e-6);
        }
      }
      assertThat(steps).isEqualTo(10);
    }
  }

  private static double[] slice(JsonNode tensor, String key, int step) {
    return Fixture.doubles(tensor.get(key).get(step));
  }
}
