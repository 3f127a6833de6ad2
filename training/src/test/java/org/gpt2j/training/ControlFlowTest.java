package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.testing.Fixture;
import org.gpt2j.training.callbacks.EarlyStoppingCallback;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * When transformers' Trainer logs, evaluates, saves and stops, what it takes for the best, and
 * which checkpoints stay (make_control_flow.py): ties, thresholds and limits.
 */
class ControlFlowTest {
  @TempDir Path output;

  private final Gpt2ForSequenceClassification model = TinyModel.classifier();
  private final List<String> events = new ArrayList<>();
  private final List<Map<String, Object>> evaluations = new ArrayList<>();
  private final Map<Integer, float[]> weights = new TreeMap<>();
  private Trainer trainer;
  private EarlyStoppingCallback early;

  ControlFlowTest() throws IOException {}

  /** A case by its name, so that a failure says which. */
  record Case(JsonNode json) {
    @Override
    public String toString() {
      return json.get("name").textValue();
    }
  }

  static List<Case> best() throws IOException {
    return cases("best");
  }

  static List<Case> flow() throws IOException {
    List<Case> cases = new ArrayList<>(cases("flow"));
    // We take whole steps only, and refuse ratios.
    assertThat(cases.removeIf(c -> c.toString().equals("steps as ratios"))).isTrue();
    return cases;
  }

  private static List<Case> cases(String kind) throws IOException {
    List<Case> cases = new ArrayList<>();
    Fixture.load("trainer/control_flow").json().get(kind).forEach(c -> cases.add(new Case(c)));
    assertThat(cases).hasSizeGreaterThan(15);
    return cases;
  }

  /** What the trainer does, in its order. */
  private final class Recorder implements TrainerCallback {
    private boolean pending;

    @Override
    public void onOptimizerStep(
        TrainingArguments args, TrainerState state, TrainerControl control) {
      weights.put(state.globalStep() + 1, Fixture.floats(model.score().value()));
    }

    @Override
    public void onLog(
        TrainingArguments args,
        TrainerState state,
        TrainerControl control,
        Map<String, Double> logs) {
      if (logs.containsKey("loss")) {
        events.add("[\"log\"," + state.globalStep() + "]");
      }
      if (logs.containsKey("train_loss")) {
        settle(state, control);
      }
    }

    @Override
    public void onEvaluate(
        TrainingArguments args,
        TrainerState state,
        TrainerControl control,
        Map<String, Double> metrics) {
      events.add("[\"evaluate\"," + state.globalStep() + "]");
      pending = true;
    }

    @Override
    public void onSave(TrainingArguments args, TrainerState state, TrainerControl control) {
      events.add("[\"save\"," + state.globalStep() + "]");
    }

    @Override
    public void onStepBegin(TrainingArguments args, TrainerState state, TrainerControl control) {
      settle(state, control);
    }

    @Override
    public void onEpochBegin(TrainingArguments args, TrainerState state, TrainerControl control) {
      settle(state, control);
    }

    /** How things are after an evaluation and the saving that follows it. */
    private void settle(TrainerState state, TrainerControl control) {
      if (!pending) {
        return;
      }
      pending = false;
      Map<String, Object> now = new TreeMap<>();
      now.put("best_metric", state.bestMetric());
      now.put("best_global_step", state.bestGlobalStep());
      now.put("best_model_checkpoint", step(state.bestModelCheckpoint()));
      now.put("checkpoints", checkpoints());
      if (early != null) {
        now.put(
            "early_stopping_patience_counter",
            early.state().get("attributes").get("early_stopping_patience_counter").asInt());
      }
      evaluations.add(now);
    }
  }

  private static Integer step(Path checkpoint) {
    return checkpoint == null
        ? null
        : Integer.valueOf(checkpoint.getFileName().toString().replace("checkpoint-", ""));
  }

  private List<Integer> checkpoints() {
    if (!Files.exists(output)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(output)) {
      return entries
          .filter(p -> p.getFileName().toString().startsWith("checkpoint-"))
          .map(ControlFlowTest::step)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void train(JsonNode c, int examples) throws IOException {
    List<TrainerCallback> callbacks = new ArrayList<>();
    JsonNode stopping = c.get("early_stopping");
    if (stopping.isObject()) {
      early =
          new EarlyStoppingCallback(
              stopping.get("early_stopping_patience").asInt(),
              stopping.get("early_stopping_threshold").asDouble());
      callbacks.add(early);
    }
    callbacks.add(new Recorder());
    Iterator<JsonNode> metrics = c.get("metrics").iterator();
    trainer =
        Trainer.builder(model)
            .args(TheirArguments.of(c.get("arguments"), output))
            .trainDataset(TinyModel.data(examples))
            .evalDataset(TinyModel.data(2))
            .computeMetrics(p -> next(metrics))
            .callbacks(callbacks)
            .build();
    trainer.train();
  }

  /** As compute_metrics returns them, where they take the place of the real loss. */
  private static Map<String, Double> next(Iterator<JsonNode> metrics) {
    Map<String, Double> values = new TreeMap<>();
    if (metrics.hasNext()) {
      metrics
          .next()
          .properties()
          .forEach(e -> values.put(e.getKey().replace("eval_", ""), number(e.getValue())));
    }
    return values;
  }

  private static double number(JsonNode value) {
    return value.isTextual() ? Double.parseDouble(value.textValue()) : value.doubleValue();
  }

  @ParameterizedTest
  @MethodSource
  void flow(Case c) throws IOException {
    train(c.json, c.json.get("examples").asInt());
    List<String> expected = new ArrayList<>();
    c.json.get("events").forEach(e -> expected.add(e.toString()));
    assertThat(events).isEqualTo(expected);
    JsonNode end = c.json.get("final");
    assertThat(trainer.state().globalStep()).isEqualTo(end.get("global_step").asInt());
    assertThat(trainer.state().maxSteps()).isEqualTo(end.get("max_steps").asInt());
    assertThat(trainer.state().epoch()).isEqualTo(end.get("epoch").asDouble());
  }

  @ParameterizedTest
  @MethodSource
  void best(Case c) throws IOException {
    if (c.json.get("metrics").toString().contains("\"eval_loss\":\"NaN\"")) {
      // transformers goes on; a loss that is no number ends our trainings.
      assertThatThrownBy(() -> train(c.json, 8))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("expected a finite eval_loss, found NaN");
      return;
    }
    train(c.json, 8);
    JsonNode resolved = c.json.get("resolved");
    assertThat(trainer.args().metricForBestModel())
        .isEqualTo(resolved.get("metric_for_best_model").textValue());
    assertThat(trainer.args().greaterIsBetter())
        .isEqualTo(resolved.get("greater_is_better").booleanValue());
    JsonNode expected = c.json.get("evaluations");
    assertThat(evaluations).hasSize(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      compare("evaluation " + (i + 1), evaluations.get(i), expected.get(i));
    }
    JsonNode end = c.json.get("final");
    assertThat(trainer.state().globalStep()).isEqualTo(end.get("global_step").asInt());
    assertThat(checkpoints().toString().replace(" ", ""))
        .isEqualTo(end.get("checkpoints").toString());
    assertThat(Fixture.floats(model.score().value()))
        .as("the weights of step %s", end.get("weights_of_step"))
        .isEqualTo(weights.get(end.get("weights_of_step").asInt()));
  }

  private static void compare(String where, Map<String, Object> ours, JsonNode theirs) {
    for (Map.Entry<String, Object> e : ours.entrySet()) {
      JsonNode expected = theirs.path(e.getKey());
      Object value =
          // transformers has -Infinity where there was no better one than no number.
          expected.isNull() || expected.isMissingNode() || expected.isTextual()
              ? null
              : expected.isArray() ? expected.toString() : expected.numberValue();
      Object found =
          e.getValue() instanceof List<?> list ? list.toString().replace(" ", "") : e.getValue();
      assertThat(found).as(where + " " + e.getKey()).isEqualTo(value);
    }
  }
}
