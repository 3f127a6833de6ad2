package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Log histories and states of transformers' Trainer (make_log_history.py), row by row. */
class LogHistoryTest {
  /** Ours log more of a classifier than the fixture's compute_metrics gives. */
  private static final Set<String> MORE = Set.of("eval_roc_auc");

  @TempDir Path output;

  private final JsonNode json;
  private final Set<String> notCompared = new HashSet<>();
  private final Gpt2ForSequenceClassification model;
  private final LoraModel lora;
  private final ClassificationData train;
  private final ClassificationData eval;

  LogHistoryTest() throws IOException {
    json = Fixture.load("trainer/log_history").json();
    json.get("not_compared").forEach(key -> notCompared.add(key.textValue()));
    Fixture base = Fixture.load("trajectory/data");
    Gpt2Config config = base.config().toBuilder().dropout(0).build();
    model = new Gpt2ForSequenceClassification(config, base.weights());
    lora = LoraModel.fromPretrained(model, Fixture.path("trajectory/lora_init"), true);
    train = data(base.json());
    eval = data(json.get("eval"));
  }

  private static ClassificationData data(JsonNode json) {
    List<int[]> messages = new ArrayList<>();
    json.get("messages").forEach(m -> messages.add(Fixture.ints(m)));
    return new ClassificationData(messages, Fixture.ints(json.get("labels")));
  }

  private JsonNode find(String name) {
    for (JsonNode c : json.get("cases")) {
      if (c.get("name").textValue().equals(name)) {
        return c;
      }
    }
    throw new AssertionError("no case " + name);
  }

  /**
   * accumulation_as_it_is adds the batches' means up, which we do not; the label smoother of
   * transformers counts messages over accumulated batches, all of one size in what is compared.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {"steps", "epochs", "accumulation", "accumulation_epochs", "label_smoothing"})
  void isTransformers(String name) throws IOException {
    JsonNode expected = find(name);
    TrainerState state =
        Trainer.builder(lora)
            .args(TheirArguments.of(expected.get("arguments"), output))
            .trainDataset(train)
            .evalDataset(eval)
            .build()
            .train();

    JsonNode rows = expected.get("log_history");
    assertThat(rows.size()).isGreaterThan(3);
    assertThat(state.logHistory()).hasSize(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      compare(name + " row " + i, state.logHistory().get(i), rows.get(i));
    }
    compareState(state.toJson(), expected.get("state"));
  }

  private void compare(String where, Map<String, Double> ours, JsonNode theirs) {
    Set<String> keys = new HashSet<>(ours.keySet());
    keys.removeAll(MORE);
    List<String> expected = new ArrayList<>();
    theirs.fieldNames().forEachRemaining(expected::add);
    assertThat(keys).as(where).containsExactlyInAnyOrderElementsOf(expected);
    for (String key : expected) {
      if (!notCompared.contains(key)) {
        double value = theirs.get(key).doubleValue();
        boolean exact = key.equals("step") || key.equals("epoch");
        double tolerance = exact ? 0 : 1e-4 * Math.max(1e-6, Math.abs(value));
        assertThat(ours.get(key)).as(where + " " + key).isCloseTo(value, within(tolerance));
      }
      if (key.endsWith("_runtime")) {
        assertRounded(ours.get(key), 1e4);
      } else if (key.endsWith("_per_second")) {
        assertRounded(ours.get(key), 1e3);
      }
    }
  }

  private static void assertRounded(double value, double scale) {
    assertThat(value).isPositive().isEqualTo(Math.rint(value * scale) / scale);
  }

  private void compareState(ObjectNode ours, JsonNode theirs) {
    List<String> keys = new ArrayList<>();
    ours.fieldNames().forEachRemaining(keys::add);
    List<String> expected = new ArrayList<>();
    json.get("state_keys").forEach(k -> expected.add(k.textValue()));
    assertThat(keys).containsExactlyInAnyOrderElementsOf(expected);
    for (String key :
        List.of(
            "best_global_step",
            "best_metric",
            "best_model_checkpoint",
            "global_step",
            "is_hyper_param_search",
            "is_local_process_zero",
            "is_world_process_zero",
            "logging_steps",
            "max_steps",
            "num_train_epochs",
            "train_batch_size",
            "trial_name",
            "trial_params")) {
      assertThat(ours.get(key)).as(key).isEqualTo(theirs.get(key));
    }
    assertThat(ours.get("epoch").doubleValue()).isEqualTo(theirs.get("epoch").doubleValue());
  }
}
