package org.gpt2j.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Backend;
import org.gpt2j.nn.CounterRandom;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The training loop of transformers' Trainer: shuffled epochs, gradient accumulation, clipping,
 * AdamW under a schedule, logging and evaluation every N steps, the best weights kept. The model's
 * trainable parameters are trained in place. Accumulated batches are averaged, also where
 * transformers 5 adds them up (models that it takes to count their own items).
 */
public final class Trainer {
  private final Gpt2PreTrainedModel model;
  private final TrainingArguments args;
  private final TrainingData trainData;
  private final TrainingData evalData;
  private final BestCheckpoint checkpoint;
  private final List<TrainerCallback> callbacks;

  /**
   * @param evalData null for no evaluation
   * @param saver writes the model as it is now; null keeps no checkpoint of the best one
   * @param outputDir where the best checkpoint goes, as checkpoint-STEP
   */
  public Trainer(
      Gpt2PreTrainedModel model,
      TrainingArguments args,
      TrainingData trainData,
      TrainingData evalData,
      ModelSaver saver,
      Path outputDir,
      List<TrainerCallback> callbacks) {
    if (trainData.size() == 0) {
      throw new IllegalArgumentException(
          "train_dataset: expected at least one example, found none");
    }
    checkIds("train_dataset", trainData, model.config().vocabSize());
    if (evalData != null) {
      checkIds("eval_dataset", evalData, model.config().vocabSize());
    }
    this.model = model;
    this.args = args;
    this.trainData = trainData;
    this.evalData = evalData;
    this.checkpoint = saver == null ? null : new BestCheckpoint(outputDir, saver);
    this.callbacks = List.copyOf(callbacks);
  }

  private static void checkIds(String name, TrainingData data, int vocabSize) {
    for (int i = 0; i < data.size(); i++) {
      for (int id : data.inputIds(i)) {
        if (id < 0 || id >= vocabSize) {
          throw new IllegalArgumentException(
              String.format(
                  "%s: expected token ids below the model's vocab_size %d, found %d in example %d:"
                      + " is the tokenizer that of the model?",
                  name, vocabSize, id, i));
        }
      }
    }
  }

  /**
   * Trains, and returns the state at the end; the best weights are in the model if asked for.
   *
   * @throws ArithmeticException naming the step where a loss or the gradient is not finite
   */
  public TrainerState train() throws IOException {
    int accumulation = args.gradientAccumulationSteps();
    int batchesPerEpoch = ceilDiv(trainData.size(), args.perDeviceTrainBatchSize());
    int stepsPerEpoch = ceilDiv(batchesPerEpoch, accumulation);
    int total =
        args.maxSteps() > 0
            ? args.maxSteps()
            : (int) Math.ceil(args.numTrainEpochs() * stepsPerEpoch);
    int warmup = args.warmupSteps(total);

    TrainerState state = new TrainerState(args, total, stepsPerEpoch);
    List<Parameter> parameters = model.trainableParameters();
    AdamW optimizer =
        new AdamW(
            parameters, args.weightDecay(), args.adamBeta1(), args.adamBeta2(), args.adamEpsilon());
    BestWeights best = new BestWeights(parameters);
    BatchSampler sampler =
        new BatchSampler(
            trainData.size(), args.perDeviceTrainBatchSize(), args.shuffle(), args.seed());

    long start = System.nanoTime();
    double lossSinceLog = 0;
    double lossSum = 0;
    long tokensSeen = 0;
    int lastLogged = 0;
    callbacks.forEach(c -> c.onTrainBegin(state));
    while (state.globalStep() < total) {
      int step = state.globalStep();
      int epoch = step / stepsPerEpoch;
      int firstBatch = step % stepsPerEpoch * accumulation;
      int batches = Math.min(accumulation, batchesPerEpoch - firstBatch);
      model.zeroGradients();
      double loss = 0;
      int tokens = 0;
      for (int b = firstBatch; b < firstBatch + batches; b++) {
        int[] indices = sampler.batch(epoch, b);
        PackedBatch batch = trainData.batch(indices);
        long key = CounterRandom.key(args.seed(), 1 + (long) epoch * batchesPerEpoch + b);
        loss +=
            model.forwardBackward(batch, trainData.labels(batch, indices), 1.0 / batches, key)
                / batches;
        tokens += batch.tokens();
      }
      double norm = optimizer.gradientNorm();
      checkFinite(loss, norm, step + 1);
      double learningRate =
          args.learningRate() * args.lrSchedulerType().factor(step, warmup, total);
      optimizer.step(learningRate, AdamW.clipFactor(norm, args.maxGradNorm()));
      state.step();
      lossSinceLog += loss;
      lossSum += loss;
      tokensSeen += tokens;
      int stepTokens = tokens;
      callbacks.forEach(c -> c.onStepEnd(state, stepTokens));

      if (state.globalStep() % args.loggingSteps() == 0 || state.globalStep() == total) {
        Map<String, Double> row = new LinkedHashMap<>();
        row.put("loss", lossSinceLog / (state.globalStep() - lastLogged));
        row.put("grad_norm", norm);
        row.put("learning_rate", learningRate);
        log(state, row);
        lossSinceLog = 0;
        lastLogged = state.globalStep();
      }
      boolean evaluate =
          evalData != null
              && args.evalSteps() > 0
              && (state.globalStep() % args.evalSteps() == 0 || state.globalStep() == total);
      if (evaluate) {
        evaluateAndKeepBest(state, best);
      }
    }
    checkFinite(parameters, total);
    if (args.loadBestModelAtEnd()) {
      best.restore();
    }
    logEnd(state, lossSum / total, flops(tokensSeen), start);
    callbacks.forEach(c -> c.onTrainEnd(state));
    return state;
  }

  private static int ceilDiv(int a, int b) {
    return (a - 1) / b + 1;
  }

  private static void checkFinite(double loss, double norm, int step) {
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw notFinite(
          step, "a finite loss and gradient", String.format("loss %s, norm %s", loss, norm));
    }
  }

  /** The last step's weights have seen no loss yet. */
  private static void checkFinite(List<Parameter> parameters, int step) {
    for (Parameter p : parameters) {
      double squares = Backend.kernels(p.value().dataType()).sumOfSquares(p.value());
      if (!Double.isFinite(squares)) {
        throw notFinite(step, "finite weights", p.name() + " with others");
      }
    }
  }

  private static ArithmeticException notFinite(int step, String expected, String found) {
    return new ArithmeticException(
        String.format(
            "step %d: expected %s, found %s; a lower learning_rate may help",
            step, expected, found));
  }

  private void log(TrainerState state, Map<String, Double> values) {
    Map<String, Double> row = state.log(values);
    callbacks.forEach(c -> c.onLog(state, row));
  }

  /** transformers' floating_point_ops: 6 a token and weight, embeddings not counted. */
  private double flops(long tokens) {
    long weights =
        model.parameters().stream()
            .filter(p -> !p.name().equals("wte.weight") && !p.name().equals("wpe.weight"))
            .mapToLong(p -> p.value().length())
            .sum();
    return 6.0 * tokens * weights;
  }

  private void logEnd(TrainerState state, double trainLoss, double flops, long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    double samples = state.epoch() * trainData.size();
    Map<String, Double> row = new LinkedHashMap<>();
    row.put("total_flos", flops);
    row.put("train_loss", trainLoss);
    row.put("train_runtime", Evaluation.round(seconds, 1e4));
    row.put("train_samples_per_second", Evaluation.round(samples / seconds, 1e3));
    row.put("train_steps_per_second", Evaluation.round(state.globalStep() / seconds, 1e3));
    log(state, row);
  }

  private void evaluateAndKeepBest(TrainerState state, BestWeights best) throws IOException {
    Map<String, Double> metrics = evaluate(evalData, "eval_");
    log(state, metrics);
    double loss = metrics.get("eval_loss");
    if (!Double.isFinite(loss)) {
      throw notFinite(state.globalStep(), "a finite eval_loss", String.valueOf(loss));
    }
    if (state.bestMetric() == null || loss < state.bestMetric()) {
      best.keep();
      if (checkpoint == null) {
        state.best(loss, null);
      } else {
        state.best(loss, checkpoint.path(state.globalStep()));
        checkpoint.replace(state.globalStep(), state);
      }
    }
  }

  /** Loss, scores and speed over a data set, each name with a prefix such as `eval_`. */
  public Map<String, Double> evaluate(TrainingData data, String prefix) {
    int batchSize = args.perDeviceEvalBatchSize();
    if (model instanceof Gpt2LMHeadModel lm) {
      return Evaluation.languageModel(lm, data, batchSize, prefix);
    }
    return predict((ClassificationData) data, prefix).metrics();
  }

  /** Logits, labels and metrics of a classifier over a data set. */
  public PredictionOutput predict(ClassificationData data, String prefix) {
    return Evaluation.classify(
        (Gpt2ForSequenceClassification) model, data, args.perDeviceEvalBatchSize(), prefix);
  }

  /** The weights of the best evaluation, in memory. */
  private static final class BestWeights {
    private final List<Parameter> parameters;
    private List<INDArray> copies;

    BestWeights(List<Parameter> parameters) {
      this.parameters = parameters;
    }

    void keep() {
      if (copies == null) {
        copies = new ArrayList<>();
        parameters.forEach(p -> copies.add(p.value().dup('c')));
      } else {
        for (int i = 0; i < copies.size(); i++) {
          copies.get(i).assign(parameters.get(i).value());
        }
      }
    }

    void restore() {
      if (copies != null) {
        for (int i = 0; i < copies.size(); i++) {
          parameters.get(i).value().assign(copies.get(i));
        }
      }
    }
  }
}
