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
   */
  void restore(JsonNode json, Path parent) {
    globalStep = json.path("global_step").intValue();
    epoch = json.path("epoch").doubleValue();
    numInputTokensSeen = json.path("num_input_tokens_seen").longValue();
    totalFlos = json.path("total_flos").doubleValue();
    bestMetric = json.path("best_metric").isNumber() ? json.get("best_metric").asDouble() : null;
    bestGlobalStep =
        json.path("best_global_step").isInt() ? json.get("best_global_step").asInt() : null;
    JsonNode best = json.path("best_model_checkpoint");
    bestModelCheckpoint =
        best.isTextual() ? parent.resolve(best.textValue().replaceFirst("^.*[/\\\\]", "")) : null;
    logHistory.clear();
    for (JsonNode row : json.path("log_history")) {
      Map<String, Double> values = new TreeMap<>();
      row.properties().forEach(e -> values.put(e.getKey(), number(e.getValue())));
      logHistory.add(values);
    }
  }

  /** Numbers that are none stand as texts. */
  private static double number(JsonNode value) {
    return value.isTextual() ? Double.parseDouble(value.textValue()) : value.doubleValue();
  }

  /** Writes trainer_state.json into a directory. */
  public void save(Path dir) throws IOException {
    JsonFile.write(dir.resolve(FILE_NAME), toJson());
  }
}
