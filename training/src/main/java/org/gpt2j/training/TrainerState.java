package org.gpt2j.training;

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

/** Where a training is and what it logged: transformers' trainer_state.json. */
public final class TrainerState {
  /** The file's name beside the model. */
  public static final String FILE_NAME = "trainer_state.json";

  private final List<Map<String, Double>> logHistory = new ArrayList<>();
  private final int maxSteps;
  private final double stepsPerEpoch;
  private final TrainingArguments args;
  private int globalStep;
  private Double bestMetric;
  private Integer bestGlobalStep;
  private Path bestModelCheckpoint;

  TrainerState(TrainingArguments args, int maxSteps, int stepsPerEpoch) {
    this.args = args;
    this.maxSteps = maxSteps;
    this.stepsPerEpoch = stepsPerEpoch;
  }

  /** Optimizer steps done. */
  public int globalStep() {
    return globalStep;
  }

  /** Optimizer steps of the whole training. */
  public int maxSteps() {
    return maxSteps;
  }

  /** Passes over the data, a fraction. */
  public double epoch() {
    return globalStep / stepsPerEpoch;
  }

  /** Rows in the order in which they were logged; each has `step` and `epoch`. */
  public List<Map<String, Double>> logHistory() {
    return Collections.unmodifiableList(logHistory);
  }

  /** Lowest eval_loss so far, null before the first evaluation. */
  public Double bestMetric() {
    return bestMetric;
  }

  /** The step of {@link #bestMetric}. */
  public Integer bestGlobalStep() {
    return bestGlobalStep;
  }

  void step() {
    globalStep++;
  }

  Map<String, Double> log(Map<String, Double> values) {
    Map<String, Double> row = new TreeMap<>(values);
    row.put("step", (double) globalStep);
    row.put("epoch", epoch());
    logHistory.add(row);
    return row;
  }

  void best(double metric, Path checkpoint) {
    bestMetric = metric;
    bestGlobalStep = globalStep;
    bestModelCheckpoint = checkpoint;
  }

  /** The content of trainer_state.json. */
  public ObjectNode toJson() {
    ObjectNode json = JsonFile.parse("{}");
    json.put("best_global_step", bestGlobalStep);
    json.put("best_metric", bestMetric);
    json.put(
        "best_model_checkpoint",
        bestModelCheckpoint == null ? null : bestModelCheckpoint.toString());
    json.put("epoch", epoch());
    json.put("eval_steps", args.evalSteps());
    json.put("global_step", globalStep);
    json.put("logging_steps", args.loggingSteps());
    json.put("max_steps", maxSteps);
    json.put("num_train_epochs", (int) Math.ceil(maxSteps / stepsPerEpoch));
    json.put("train_batch_size", args.perDeviceTrainBatchSize());
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

  /** Writes trainer_state.json into a directory. */
  public void save(Path dir) throws IOException {
    JsonFile.write(dir.resolve(FILE_NAME), toJson());
  }
}
