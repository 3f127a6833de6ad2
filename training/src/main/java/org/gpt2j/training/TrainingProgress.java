package org.gpt2j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.JsonFile;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.safetensors.SafetensorsWriter;
import org.gpt2j.safetensors.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a training needs besides the weights and transformers' state to go on bit for bit, and its
 * files in a checkpoint. Random numbers are counter-based: the seeds and the position are all of
 * their state.
 */
final class TrainingProgress {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingProgress.class);
  private static final String PROGRESS = "training_progress.json";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String SCHEDULER = "scheduler.json";
  private static final String ARGUMENTS = "training_args.json";
  private static final String STEPS = "steps";

  /** Epoch that is running, from 0. */
  int epoch;

  /** Optimizer steps of it that are done; all of them while its end is still to be told. */
  int step;

  double lossSinceLog;
  int lastLoggedStep;
  double lossSum;
  double gradNorm;
  double learningRate;

  /** Names of the checkpoints that the training has written, this one among them. */
  List<String> checkpoints = List.of();

  void save(Path dir, TrainingArguments args, Optimizer optimizer, ObjectNode fingerprint)
      throws IOException {
    ObjectNode json = JsonFile.parse("{}");
    json.put("seed", args.seed());
    json.put("data_seed", args.dataSeed());
    json.set("fingerprint", fingerprint);
    checkpoints.forEach(json.putArray("checkpoints")::add);
    json.put("epoch", epoch);
    json.put("step_in_epoch", step);
    json.put("loss_since_log", lossSinceLog);
    json.put("last_logged_step", lastLoggedStep);
    json.put("loss_sum", lossSum);
    json.put("grad_norm", gradNorm);
    json.put("learning_rate", learningRate);
    JsonFile.write(dir.resolve(PROGRESS), json);
    JsonFile.write(dir.resolve(ARGUMENTS), args.toJson());
    JsonFile.write(
        dir.resolve(SCHEDULER),
        JsonFile.parse("{}")
            .put("lr_scheduler_type", args.lrSchedulerType().toString())
            .put("base_lr", args.learningRate())
            .put("last_epoch", optimizer.steps())
            .put("last_lr", learningRate));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    optimizer.stateDict().forEach((name, array) -> tensors.put(name, Tensor.of(array)));
    SafetensorsWriter.write(
        dir.resolve(OPTIMIZER), tensors, Map.of(STEPS, String.valueOf(optimizer.steps())));
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @param fingerprint of the training that is to go on
   * @throws IOException naming the file that does not fit
   */
  static TrainingProgress load(
      Path dir, TrainingArguments args, Optimizer optimizer, ObjectNode fingerprint)
      throws IOException {
    warnOfChanges(dir, args);
    JsonNode json = JsonFile.read(dir.resolve(PROGRESS));
    TrainingFingerprint.requireSame(fingerprint, json.path("fingerprint"), dir);
    TrainingProgress progress = new TrainingProgress();
    progress.epoch = json.path("epoch").asInt(-1);
    progress.step = json.path("step_in_epoch").asInt(-1);
    List<String> names = new ArrayList<>();
    json.path("checkpoints").forEach(name -> names.add(name.asText()));
    progress.checkpoints = names;
    progress.lossSinceLog = json.path("loss_since_log").doubleValue();
    progress.lastLoggedStep = json.path("last_logged_step").intValue();
    progress.lossSum = json.path("loss_sum").doubleValue();
    progress.gradNorm = json.path("grad_norm").doubleValue();
    progress.learningRate = json.path("learning_rate").doubleValue();
    loadOptimizer(dir.resolve(OPTIMIZER), optimizer);
    return progress;
  }

  private static void loadOptimizer(Path file, Optimizer optimizer) throws IOException {
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      for (Map.Entry<String, INDArray> e : optimizer.stateDict().entrySet()) {
        String name = e.getKey();
        if (!stored.contains(name)) {
          throw new IOException(file + ": tensor " + name + " is missing: is the model the same?");
        }
        long[] shape = stored.info(name).shape();
        if (!Arrays.equals(shape, e.getValue().shape())) {
          throw new IOException(
              String.format(
                  "%s: tensor %s: expected shape %s, found %s",
                  file, name, Arrays.toString(e.getValue().shape()), Arrays.toString(shape)));
        }
        e.getValue().assign(stored.array(name));
      }
      optimizer.setSteps(steps(file, stored.metadata().getOrDefault(STEPS, "0")));
    }
  }

  private static long steps(Path file, String text) throws IOException {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException(file + ": metadata steps: expected a number, found " + text, e);
    }
  }

  /** transformers' compare_trainer_and_checkpoint_args, for every argument. */
  private static void warnOfChanges(Path dir, TrainingArguments args) throws IOException {
    JsonNode before = JsonFile.read(dir.resolve(ARGUMENTS));
    for (Map.Entry<String, JsonNode> e : args.toJson().properties()) {
      JsonNode old = before.path(e.getKey());
      if (!e.getKey().endsWith("_dir") && !old.asText().equals(e.getValue().asText())) {
        LOG.warn(
            "{} is {} now and was {} in {}: the result will be another than without the break",
            e.getKey(),
            e.getValue(),
            old,
            dir);
      }
    }
  }
}
