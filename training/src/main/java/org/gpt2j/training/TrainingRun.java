package org.gpt2j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Backend;
import org.gpt2j.nn.CounterRandom;
import org.gpt2j.nn.Parameter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of {@link Trainer#train}: the loop over epochs and steps. */
final class TrainingRun {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

  private final Trainer trainer;
  private final Gpt2PreTrainedModel model;
  private final TrainingArguments args;
  private final TrainerState state;
  private final TrainerControl control;
  private final CallbackHandler callbacks;
  private final Checkpoints checkpoints;
  private final List<Parameter> parameters;
  private final Optimizer optimizer;
  private final BatchSampler sampler;
  private final int samples;
  private final int batchesPerEpoch;
  private final int stepsPerEpoch;
  private final int total;
  private final int warmup;
  private final double flosPerToken;
  private final ObjectNode fingerprint;
  private TrainingProgress progress = new TrainingProgress();
  private int lastSaved = -1;
  private boolean interrupted;

  TrainingRun(Trainer trainer, Checkpoints checkpoints) {
    this.trainer = trainer;
    this.checkpoints = checkpoints;
    model = trainer.model();
    args = trainer.args();
    state = trainer.state();
    callbacks = trainer.callbacks();
    control = callbacks.control();
    parameters = model.trainableParameters();
    optimizer = trainer.newOptimizer(parameters);
    TrainingData data = trainer.trainData();
    samples = data.size();
    sampler =
        new BatchSampler(
            data.stages(),
            args.perDeviceTrainBatchSize(),
            args.shuffle(),
            args.dataSeed(),
            args.groupByLength() ? lengthGroups(data) : null);
    batchesPerEpoch = ceilDiv(samples, args.perDeviceTrainBatchSize());
    stepsPerEpoch = ceilDiv(batchesPerEpoch, args.gradientAccumulationSteps());
    total =
        args.maxSteps() > 0
            ? args.maxSteps()
            : (int) Math.ceil(args.numTrainEpochs() * stepsPerEpoch);
    warmup = args.warmupSteps(total);
    flosPerToken = flosPerToken();
    fingerprint = TrainingFingerprint.of(trainer);
  }

  private LengthGroups lengthGroups(TrainingData data) {
    long stepSize = (long) args.perDeviceTrainBatchSize() * args.gradientAccumulationSteps();
    return new LengthGroups(
        IntStream.range(0, samples).map(i -> data.inputIds(i).length).toArray(),
        (int) Math.min(stepSize, samples));
  }

  private static int ceilDiv(int a, int b) {
    return (a - 1) / b + 1;
  }

  /** transformers' floating_point_ops: 6 a token and weight, embeddings not counted. */
  private double flosPerToken() {
    return 6.0
        * model.parameters().stream()
            .filter(p -> !p.name().equals("wte.weight") && !p.name().equals("wpe.weight"))
            .mapToLong(p -> p.value().length())
            .sum();
  }

  /**
   * @param checkpoint whole; null to begin
   * @return false if it was interrupted, with a checkpoint of where it is
   */
  boolean run(Path checkpoint) throws IOException {
    state.plan(total, ceilDiv(total, stepsPerEpoch));
    control.newTraining();
    if (checkpoint != null) {
      restore(checkpoint);
    }
    checkStart(model.parameters());
    long start = System.nanoTime();
    callbacks.fire(state, TrainerCallback::onTrainBegin);
    while (progress.step > 0 || !control.shouldTrainingStop() && state.globalStep() < total) {
      epoch();
      if (interrupted) {
        callbacks.fire(state, TrainerCallback::onInterrupt);
        return false;
      }
    }
    checkFinite(parameters, state.globalStep());
    logEnd(start);
    if (args.loadBestModelAtEnd() && state.bestModelCheckpoint() != null) {
      Checksums.verify(state.bestModelCheckpoint());
      trainer.saver().load(state.bestModelCheckpoint());
    }
    if (state.bestModelCheckpoint() != null && Integer.valueOf(1).equals(args.saveTotalLimit())) {
      checkpoints.keepOnly(state.bestModelCheckpoint());
    }
    callbacks.fire(state, TrainerCallback::onTrainEnd);
    return true;
  }

  private void restore(Path checkpoint) throws IOException {
    Path file = checkpoint.resolve(TrainerState.FILE_NAME);
    JsonNode json = JsonFile.read(file);
    try {
      state.restore(json, checkpoint.toAbsolutePath().getParent());
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    try {
      progress = TrainingProgress.load(checkpoint, args, optimizer, fingerprint);
      trainer.saver().load(checkpoint);
      callbacks.restore(json.path("stateful_callbacks"));
    } catch (RuntimeException e) {
      throw new IOException(checkpoint + ": cannot be resumed from: " + e, e);
    }
    if (progress.epoch < 0
        || progress.step < 0
        || progress.step > stepsPerEpoch
        || state.globalStep() != optimizer.steps()) {
      throw new IOException(
          String.format(
              "%s: its files do not belong together: step %s of epoch %s, global step %s, %s steps of"
                  + " the optimizer",
              checkpoint, progress.step, progress.epoch, state.globalStep(), optimizer.steps()));
    }
    checkpoints.adopt(checkpoint, progress.checkpoints);
    restoreBest();
    lastSaved = checkpoints.isOwn(checkpoints.path(state.globalStep())) ? state.globalStep() : -1;
  }

  /** A training goes on without its best checkpoint, and looks for the best anew. */
  private void restoreBest() {
    Path best = state.bestModelCheckpoint();
    if (best == null) {
      return;
    }
    try {
      if (state.bestMetric() == null || state.bestGlobalStep() == null) {
        throw new IOException(
            String.format(
                "%s: expected its metric and its step in %s, found best_metric %s and"
                    + " best_global_step %s",
                best, TrainerState.FILE_NAME, state.bestMetric(), state.bestGlobalStep()));
      }
      // The same path as where it is written and pruned.
      Path own = checkpoints.path(state.bestGlobalStep());
      state.bestModelCheckpoint(checkpoints.isOwn(own) ? own : best);
      Checksums.verify(state.bestModelCheckpoint());
    } catch (IOException e) {
      LOG.warn("the best checkpoint so far cannot be used: {}", e.getMessage());
      state.forgetBest();
    }
  }

  private void epoch() throws IOException {
    control.newEpoch();
    callbacks.fire(state, TrainerCallback::onEpochBegin);
    while (progress.step < stepsPerEpoch
        && state.globalStep() < total
        && !control.shouldTrainingStop()
        && !control.shouldEpochStop()) {
      step();
      logEvaluateSave();
      if (stopsAfterInterrupt()) {
        return;
      }
    }
    callbacks.fire(state, TrainerCallback::onEpochEnd);
    progress.epoch++;
    progress.step = 0;
    logEvaluateSave();
    if (!control.shouldTrainingStop() && state.globalStep() < total) {
      stopsAfterInterrupt();
    }
  }

  private boolean stopsAfterInterrupt() throws IOException {
    interrupted = trainer.interruptRequested();
    if (interrupted && lastSaved != state.globalStep()) {
      save();
    }
    return interrupted;
  }

  private void step() {
    int accumulation = args.gradientAccumulationSteps();
    int first = progress.step * accumulation;
    int batches = Math.min(accumulation, batchesPerEpoch - first);
    control.newStep();
    callbacks.fire(state, TrainerCallback::onStepBegin);
    model.zeroGradients();
    double loss = 0;
    int tokens = 0;
    for (int b = first; b < first + batches; b++) {
      DataCollator.Batch batch =
          trainer.collator().collate(trainer.trainData(), sampler.batch(progress.epoch, b));
      long key = CounterRandom.key(args.seed(), 1 + (long) progress.epoch * batchesPerEpoch + b);
      loss += model.forwardBackward(batch.inputs(), batch.targets(), 1.0 / batches, key) / batches;
      tokens += batch.inputs().tokens();
      if (b < first + batches - 1) {
        callbacks.fire(state, TrainerCallback::onSubstepEnd);
      }
    }
    double norm = optimizer.gradientNorm();
    checkFinite(loss, norm, state.globalStep() + 1);
    callbacks.fire(state, TrainerCallback::onPreOptimizerStep);
    double rate =
        args.learningRate() * trainer.schedule().factor(state.globalStep(), warmup, total);
    optimizer.step(rate, AdamW.clipFactor(norm, args.maxGradNorm()));
    callbacks.fire(state, TrainerCallback::onOptimizerStep);
    progress.step++;
    progress.lossSinceLog += loss;
    progress.lossSum += loss;
    progress.gradNorm = norm;
    progress.learningRate = rate;
    double done = (double) (first + batches) / batchesPerEpoch;
    state.step(progress.epoch + done, tokens, tokens * flosPerToken);
    callbacks.fire(state, TrainerCallback::onStepEnd);
  }

  private static void checkFinite(double loss, double norm, int step) {
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw notFinite(
          step, "a finite loss and gradient", String.format("loss %s, norm %s", loss, norm));
    }
  }

  /** Else the first step's loss is not finite, for which its message blames the learning rate. */
  private static void checkStart(List<Parameter> parameters) {
    Parameter damaged = notFinite(parameters);
    if (damaged != null) {
      throw new ArithmeticException(
          damaged.name()
              + ": expected finite weights to train from, found others: is the model's file"
              + " damaged?");
    }
  }

  /** The last step's weights have seen no loss yet. */
  private static void checkFinite(List<Parameter> parameters, int step) {
    Parameter damaged = notFinite(parameters);
    if (damaged != null) {
      throw notFinite(step, "finite weights", damaged.name() + " with others");
    }
  }

  /** The first with a weight that is not finite, or null. */
  private static Parameter notFinite(List<Parameter> parameters) {
    for (Parameter p : parameters) {
      if (!Double.isFinite(Backend.kernels(p.value().dataType()).sumOfSquares(p.value()))) {
        return p;
      }
    }
    return null;
  }

  private static ArithmeticException notFinite(int step, String expected, String found) {
    return new ArithmeticException(
        String.format(
            "step %s: expected %s, found %s; a lower learning_rate may help",
            step, expected, found));
  }

  /** transformers' _maybe_log_save_evaluate. */
  private void logEvaluateSave() throws IOException {
    int steps = state.globalStep() - progress.lastLoggedStep;
    if (control.shouldLog() && steps > 0) {
      Map<String, Double> row = new LinkedHashMap<>();
      row.put("loss", progress.lossSinceLog / steps);
      row.put("grad_norm", progress.gradNorm);
      row.put("learning_rate", progress.learningRate);
      progress.lossSinceLog = 0;
      progress.lastLoggedStep = state.globalStep();
      trainer.log(row);
    }
    if (control.shouldEvaluate() && trainer.evalData() != null) {
      boolean better = isBest(trainer.evaluate());
      if (args.saveStrategy() == IntervalStrategy.BEST) {
        control.setShouldSave(better);
      }
    }
    if (control.shouldSave()) {
      save();
    }
  }

  /** Notes the metric where it is better than all before, strictly: the first of equals stays. */
  private boolean isBest(Map<String, Double> metrics) {
    double loss = metrics.getOrDefault("eval_loss", 0.0);
    if (!Double.isFinite(loss)) {
      throw notFinite(state.globalStep(), "a finite eval_loss", String.valueOf(loss));
    }
    if (args.metricForBestModel() == null) {
      return false;
    }
    double value = metricForBest(metrics);
    double best =
        state.bestMetric() != null
            ? state.bestMetric()
            : args.greaterIsBetter() ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    boolean better = args.greaterIsBetter() ? value > best : value < best;
    if (better) {
      state.best(value, args.saveStrategy() != IntervalStrategy.NO);
    }
    return better;
  }

  private double metricForBest(Map<String, Double> metrics) {
    String key = args.evalMetricForBestModel();
    Double value = metrics.get(key);
    if (value == null) {
      throw new IllegalArgumentException(
          "metric_for_best_model: expected one of "
              + new TreeMap<>(metrics).keySet()
              + ", found "
              + key);
    }
    return value;
  }

  private void save() throws IOException {
    int step = state.globalStep();
    // Else a checkpoint that nobody can use would take the place of a good one.
    checkFinite(parameters, step);
    checkpoints.open(trainer.checkpointBytes(optimizer));
    checkpoints.save(
        step,
        dir -> {
          trainer.saveInto(dir);
          TrainingProgress now = progress;
          int position = now.step;
          now.step = control.shouldEpochStop() ? stepsPerEpoch : position;
          now.checkpoints = checkpoints.ownNames(step);
          now.save(dir, args, optimizer, fingerprint);
          now.step = position;
          if (state.bestGlobalStep() != null) {
            Path best = checkpoints.path(state.bestGlobalStep());
            if (state.bestGlobalStep() == step || checkpoints.isOwn(best)) {
              state.bestModelCheckpoint(best);
            }
          }
          state.statefulCallbacks(callbacks.stateful());
          state.save(dir);
        });
    lastSaved = step;
    checkpoints.prune(args.saveTotalLimit(), state.bestModelCheckpoint());
    control.setShouldSave(false);
    callbacks.fire(state, TrainerCallback::onSave);
  }

  private void logEnd(long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    double planned =
        args.maxSteps() > 0
            ? (double) total * args.perDeviceTrainBatchSize() * args.gradientAccumulationSteps()
            : samples * args.numTrainEpochs();
    Map<String, Double> row = new LinkedHashMap<>();
    row.put("total_flos", state.totalFlos());
    row.put("train_loss", progress.lossSum / Math.max(state.globalStep(), 1));
    row.put("train_runtime", Evaluation.round(seconds, 1e4));
    row.put("train_samples_per_second", Evaluation.round(planned / seconds, 1e3));
    row.put("train_steps_per_second", Evaluation.round(total / seconds, 1e3));
    trainer.log(row);
  }
}
