package org.gpt2j.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.io.Directories;
import org.gpt2j.io.JsonFile;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.Parameter;
import org.gpt2j.training.calibration.CalibrationFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * transformers' Trainer: shuffled epochs, gradient accumulation, clipping, AdamW under a schedule,
 * logs, evaluations and checkpoints when the arguments say so, the best weights at the end. The
 * model's trainable parameters are trained in place. Accumulated batches are averaged, also where
 * transformers 5 adds them up (models that it takes to count their own items).
 *
 * <pre>{@code
 * Trainer trainer = Trainer.builder(lora).args(args).trainDataset(train).evalDataset(eval).build();
 * trainer.train();
 * trainer.saveModel();
 * }</pre>
 *
 * <p>One trainer serves one thread; only {@link #interrupt} may be called from any.
 */
public final class Trainer {
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

  /** Tokenizer, configs and log history of a checkpoint, in bytes. */
  private static final long SMALL_FILES = 4_000_000;

  private final TrainerBuilder parts;
  private final TrainingArguments args;
  private final CallbackHandler callbacks;
  private TrainerState state;
  private volatile boolean interruptRequested;
  private boolean interrupted;

  Trainer(TrainerBuilder parts) {
    this.parts = parts;
    this.args = parts.args;
    this.state = new TrainerState(args);
    this.callbacks = new CallbackHandler(args);
    callbacks.add(new DefaultFlowCallback());
    parts.callbacks.forEach(callbacks::add);
    callbacks.fire(state, TrainerCallback::onInitEnd);
  }

  /** For a model all of whose trainable parameters are its own. */
  public static TrainerBuilder builder(Gpt2PreTrainedModel model) {
    return new TrainerBuilder(model, ModelSaver.of(model));
  }

  /** For a model with adapters, which alone are saved. */
  public static TrainerBuilder builder(LoraModel lora) {
    return new TrainerBuilder(lora.model(), ModelSaver.of(lora));
  }

  /**
   * Trains from the start, and returns the state at the end; the best weights are in the model if
   * asked for.
   *
   * @throws ArithmeticException naming the step where a loss or the gradient is not finite
   * @throws IOException if a checkpoint cannot be written; those before it are still there
   */
  public TrainerState train() throws IOException {
    return train(null);
  }

  /**
   * Trains on from a checkpoint, to the same weights and log as without a break where arguments,
   * data and machine are the same.
   *
   * @param resumeFromCheckpoint a checkpoint, or an output directory for the newest in it that is
   *     whole; null trains from the start
   */
  public TrainerState train(Path resumeFromCheckpoint) throws IOException {
    Path checkpoint = resumeFromCheckpoint == null ? null : Checkpoints.find(resumeFromCheckpoint);
    state = new TrainerState(args);
    try (Checkpoints checkpoints = new Checkpoints(args.outputDir(), this)) {
      TrainingRun run = new TrainingRun(this, checkpoints);
      if (args.saveStrategy() != IntervalStrategy.NO) {
        checkpoints.open(checkpointBytes(null));
      }
      interrupted = !run.run(checkpoint);
    } finally {
      interruptRequested = false;
    }
    return state;
  }

  /**
   * Ends a training after the step that runs, with a checkpoint to resume from; {@link #train} then
   * returns, with the weights of that step in the model. From any thread.
   */
  public void interrupt() {
    interruptRequested = true;
  }

  boolean interruptRequested() {
    return interruptRequested;
  }

  /** Whether {@link #interrupt} ended the last training before its time. */
  public boolean isInterrupted() {
    return interrupted;
  }

  /** As below with the eval_dataset and the prefix `eval_`. */
  public Map<String, Double> evaluate() {
    if (parts.evalDataset == null) {
      throw new IllegalStateException("eval_dataset: expected data to evaluate on, found none");
    }
    return evaluate(parts.evalDataset, "eval_");
  }

  /**
   * Loss, scores and speed over a data set, logged.
   *
   * @param prefix of each name, such as `eval_`
   */
  public Map<String, Double> evaluate(TrainingData data, String prefix) {
    Map<String, Double> metrics = measure(data, prefix);
    log(metrics);
    callbacks.control().setShouldEvaluate(false);
    callbacks.fire(state, metrics, TrainerCallback::onEvaluate);
    return metrics;
  }

  /** As {@link #evaluate(TrainingData, String)}, but nobody is told and nothing is logged. */
  public Map<String, Double> measure(TrainingData data, String prefix) {
    if (parts.model instanceof Gpt2LMHeadModel lm) {
      return evaluation().languageModel(lm, data, prefix);
    }
    return classify(data, prefix).metrics();
  }

  /** Logits, labels and metrics (prefix `test_`) of a classifier over a data set. */
  public PredictionOutput predict(TrainingData data) {
    return predict(data, "test_");
  }

  /** As above with another prefix. */
  public PredictionOutput predict(TrainingData data, String prefix) {
    PredictionOutput output = classify(data, prefix);
    callbacks.fire(state, output.metrics(), TrainerCallback::onPredict);
    return output;
  }

  private PredictionOutput classify(TrainingData data, String prefix) {
    if (!(parts.model instanceof Gpt2ForSequenceClassification classifier)) {
      throw new IllegalStateException("expected a classifier, found a language model");
    }
    return evaluation().classify(classifier, data, prefix, parts.computeMetrics);
  }

  private Evaluation evaluation() {
    return new Evaluation(
        args.perDeviceEvalBatchSize(),
        parts.dataCollator,
        () -> callbacks.fire(state, TrainerCallback::onPredictionStep));
  }

  /** Adds a row to the log history, with the step and the epoch, and tells the callbacks. */
  public void log(Map<String, Double> values) {
    Map<String, Double> row = state.log(values);
    callbacks.control().setShouldLog(false);
    callbacks.fire(state, row, TrainerCallback::onLog);
  }

  /** Saves the model, with the tokenizer if there is one, into the output directory. */
  public void saveModel() throws IOException {
    saveModel(args.outputDir());
  }

  /** As above into another directory: whole files take the places of old ones. */
  public void saveModel(Path dir) throws IOException {
    AtomicFile.createDirectories(dir);
    DirectoryLock lock = DirectoryLock.lock(dir, this);
    try {
      // Made for the weights that are replaced.
      if (Files.deleteIfExists(dir.resolve(CalibrationFile.NAME))) {
        LOG.info("{}: removed, it was made for other weights", dir.resolve(CalibrationFile.NAME));
      }
      Directories.replaceFiles(dir, this::saveInto);
    } finally {
      lock.close();
    }
  }

  void saveInto(Path dir) throws IOException {
    parts.saver.save(dir);
    if (parts.tokenizer != null) {
      parts.tokenizer.savePretrained(dir);
    }
  }

  /**
   * Writes trainer_state.json into the output directory: the training has come to its end, and
   * whatever is saved comes before.
   */
  public void saveState() throws IOException {
    state.save(args.outputDir());
    Checkpoints.markEnd(args.outputDir());
  }

  /**
   * Whether a training of as many steps, or epochs, has come to its end in the output directory:
   * its state is saved there, and no checkpoint was written since.
   *
   * @throws IOException naming the directory or the file that cannot be read
   */
  public static boolean isComplete(TrainingArguments args) throws IOException {
    Path file = args.outputDir().resolve(TrainerState.FILE_NAME);
    if (Files.notExists(file) || !Checkpoints.isEnd(args.outputDir())) {
      return false;
    }
    ObjectNode state = JsonFile.read(file);
    return args.maxSteps() > 0
        ? state.path("max_steps").asInt() == args.maxSteps()
        : state.path("num_train_epochs").asInt() == (int) Math.ceil(args.numTrainEpochs());
  }

  /**
   * Writes SPLIT_results.json into the output directory, and adds the metrics to all_results.json.
   *
   * @param split train, eval or test
   */
  public void saveMetrics(String split, Map<String, Double> metrics) throws IOException {
    Results.saveMetrics(args.outputDir(), split, metrics);
  }

  /**
   * Writes what the model says of each text to predictions.csv in the output directory, with the
   * columns text, label, prediction and, but of a regression, a probability for each class.
   */
  public void savePredictions(PredictionOutput output, List<String> texts) throws IOException {
    Results.savePredictions(
        args.outputDir(), output, ProblemType.ofLoss(parts.model.config()), labelNames(), texts);
  }

  /** Names of the classes: those given, else those of the model's config. */
  public List<String> labelNames() {
    return parts.labelNames != null
        ? parts.labelNames
        : List.copyOf(parts.model.config().id2label().values());
  }

  public void addCallback(TrainerCallback callback) {
    callbacks.add(callback);
  }

  public void removeCallback(TrainerCallback callback) {
    callbacks.remove(callback);
  }

  /** That of the last training, or of the one that runs. */
  public TrainerState state() {
    return state;
  }

  public TrainingArguments args() {
    return args;
  }

  public Gpt2PreTrainedModel model() {
    return parts.model;
  }

  public TrainingData trainData() {
    return parts.trainDataset;
  }

  /** Null for none. */
  public TrainingData evalData() {
    return parts.evalDataset;
  }

  CallbackHandler callbacks() {
    return callbacks;
  }

  ModelSaver saver() {
    return parts.saver;
  }

  DataCollator collator() {
    return parts.dataCollator;
  }

  LearningRateSchedule schedule() {
    return parts.schedule != null ? parts.schedule : args.lrSchedulerType();
  }

  /** The caller's own goes on where it is; AdamW starts anew. */
  Optimizer newOptimizer(List<Parameter> parameters) {
    return parts.optimizer != null
        ? parts.optimizer
        : new AdamW(
            parameters, args.weightDecay(), args.adamBeta1(), args.adamBeta2(), args.adamEpsilon());
  }

  /** What two checkpoints take on the disk, about. */
  long checkpointBytes(Optimizer optimizer) {
    long trained =
        parts.model.trainableParameters().stream().mapToLong(p -> p.value().length()).sum();
    long moments =
        optimizer == null
            ? 2 * trained
            : optimizer.stateDict().values().stream().mapToLong(a -> a.length()).sum();
    return 2 * (Float.BYTES * (trained + moments) + SMALL_FILES);
  }
}
