package org.gpt2j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gpt2j.io.JsonFile;

/** Where a training is and what it logged: transformers' TrainerState and trainer_state.json. */
public final class TrainerState {
  /** The file's name beside the model. */
  public static final String FILE_NAME = "trainer_state.json";

  private final List<Map<String, Double>> logHistory = new ArrayList<>();
  private final TrainingArguments args;
  private int maxSteps;
  private int numTrainEpochs;
  private int globalStep;
  private double epoch;
  private long numInputTokensSeen;
  private double totalFlos;
  private Double bestMetric;
  private Integer bestGlobalStep;
  private Path bestModelCheckpoint;
  private ObjectNode statefulCallbacks = JsonFile.parse("{}");

  TrainerState(TrainingArguments args) {
    this.args = args;
  }

  /** Says how long the training will be. */
  void plan(int maxSteps, int numTrainEpochs) {
    this.maxSteps = maxSteps;
    this.numTrainEpochs = numTrainEpochs;
  }

  /** Optimizer steps done. */
  public int globalStep() {
    return globalStep;
  }

  /** Optimizer steps of the whole training; 0 before it began. */
  public int maxSteps() {
    return maxSteps;
  }

  /** Passes over the data, a fraction. */
  public double epoch() {
    return epoch;
  }

  /** Tokens trained on so far; there is no padding. */
  public long numInputTokensSeen() {
    return numInputTokensSeen;
  }

  /** Rows in the order in which they were logged; each has `step` and `epoch`. */
  public List<Map<String, Double>> logHistory() {
    return Collections.unmodifiableList(logHistory);
  }

  /** The best metric_for_best_model so far, null before the first evaluation. */
  public Double bestMetric() {
    return bestMetric;
  }

  /** The step of {@link #bestMetric}, null where nothing is saved. */
  public Integer bestGlobalStep() {
    return bestGlobalStep;
  }

  /** The checkpoint of that step, null where none was saved. */
  public Path bestModelCheckpoint() {
    return bestModelCheckpoint;
  }

  void step(double epoch, int tokens, double flos) {
    globalStep++;
    this.epoch = epoch;
    numInputTokensSeen += tokens;
    totalFlos += flos;
  }

  double totalFlos() {
    return totalFlos;
  }

  Map<String, Double> log(Map<String, Double> values) {
    Map<String, Double> row = new TreeMap<>(values);
    row.put("step", (double) globalStep);
    row.put("epoch", epoch);
    logHistory.add(row);
    return row;
  }

  void best(double metric, boolean saves) {
    bestMetric = metric;
    if (saves) {
      bestGlobalStep = globalStep;
    }
  }

  /** The best is not there any more: the next evaluation is the best. */
  void forgetBest() {
    bestMetric = null;
    bestGlobalStep = null;
    bestModelCheckpoint = null;
  }

  void bestModelCheckpoint(Path checkpoint) {
    bestModelCheckpoint = checkpoint;
  }

  void statefulCallbacks(ObjectNode json) {
    statefulCallbacks = json;
  }

  JsonNode statefulCallbacks() {
    return statefulCallbacks;
  }

  /** The content of trainer_state.json. */
  public ObjectNode toJson() {
    ObjectNode json = JsonFile.parse("{}");
    json.put("best_global_step", bestGlobalStep);
    json.put("best_metric", bestMetric);
    json.put(
        "best_model_checkpoint",
        bestModelCheckpoint == null ? null : bestModelCheckpoint.toString());
    json.put("epoch", epoch);
    json.put("eval_steps", args.evalSteps());
    json.put("global_step", globalStep);
    json.put("is_hyper_param_search", false);
    json.put("is_local_process_zero", true);
    json.put("is_world_process_zero", true);
    json.put("logging_steps", args.loggingSteps());
    json.put("max_steps", maxSteps);
    json.put("num_input_tokens_seen", numInputTokensSeen);
    json.put("num_train_epochs", numTrainEpochs);
    json.put("save_steps", args.saveSteps());
    json.set("stateful_callbacks", statefulCallbacks);
    json.put("total_flos", totalFlos);
    json.put("train_batch_size", args.perDeviceTrainBatchSize());
    json.putNull("trial_name");
    json.putNull("trial_params");
    ArrayNode rows = json.putArray("log_history");
    for (Map<String, Double> row : logHistory) {
      ObjectNode r = rows.addObject();
      row.forEach(
          (key, value) -> {
            if (key.equals("step")) {
              r.put(key, value.intValue());
            } else {
              r.put(key, value);
            }
          });
    }
    return json;
  }

  /**
   * Takes up what {@link #toJson} gave; the plan stays.
   *
   * @param parent where the checkpoints are now
   * @throws IllegalArgumentException naming the key whose value cannot be
   */
  void restore(JsonNode json, Path parent) {
    globalStep = (int) number(json, "global_step", Integer.MAX_VALUE);
    epoch = number(json, "epoch", Double.MAX_VALUE);
    numInputTokensSeen = (long) number(json, "num_input_tokens_seen", Long.MAX_VALUE);
    totalFlos = number(json, "total_flos", Double.MAX_VALUE);
    JsonNode metric = json.path("best_metric");
    require(
        isNone(metric) || metric.isNumber() && Double.isFinite(metric.doubleValue()),
        "best_metric",
        "null or a number",
        metric);
    bestMetric = isNone(metric) ? null : metric.doubleValue();
    JsonNode best = json.path("best_model_checkpoint");
    require(isNone(best) || best.isTextual(), "best_model_checkpoint", "null or a path", best);
    bestModelCheckpoint =
        isNone(best) ? null : parent.resolve(best.textValue().replaceFirst("^.*[/\\\\]", ""));
    JsonNode step = json.path("best_global_step");
    require(isNone(step) || step.isInt(), "best_global_step", "null or an integer", step);
    // Older versions of transformers wrote the checkpoint alone.
    bestGlobalStep =
        !isNone(step)
            ? Integer.valueOf(step.intValue())
            : bestModelCheckpoint == null ? null : Checkpoints.step(bestModelCheckpoint);
    JsonNode rows = json.path("log_history");
    require(isNone(rows) || rows.isArray(), "log_history", "a list", rows);
    logHistory.clear();
    rows.forEach(row -> logHistory.add(row(row)));
  }

  private static boolean isNone(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private static void require(boolean holds, String key, String expected, JsonNode found) {
    if (!holds) {
      throw new IllegalArgumentException(key + ": expected " + expected + ", found " + found);
    }
  }

  /** From 0 to the largest; 0 where there is none. */
  private static double number(JsonNode json, String key, double largest) {
    JsonNode value = json.path(key);
    double number = value.doubleValue();
    require(
        isNone(value) || value.isNumber() && number >= 0 && number <= largest,
        key,
        "a number of at least 0",
        value);
    return number;
  }

  private static Map<String, Double> row(JsonNode json) {
    require(json.isObject(), "log_history", "objects", json);
    Map<String, Double> row = new TreeMap<>();
    for (Map.Entry<String, JsonNode> e : json.properties()) {
      row.put(e.getKey(), logged(e.getKey(), e.getValue()));
    }
    return row;
  }

  /** Numbers that are none stood as texts in earlier versions. */
  private static double logged(String key, JsonNode value) {
    try {
      require(value.isNumber() || value.isTextual(), "log_history: " + key, "a number", value);
      return value.isTextual() ? Double.parseDouble(value.textValue()) : value.doubleValue();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "log_history: " + key + ": expected a number, found " + value, e);
    }
  }

  /** Writes trainer_state.json into a directory. */
  public void save(Path dir) throws IOException {
    JsonFile.write(dir.resolve(FILE_NAME), toJson());
  }
}
