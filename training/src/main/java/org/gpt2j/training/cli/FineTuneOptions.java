package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.ProblemType;
import org.gpt2j.training.PredictionOutput;
import org.gpt2j.training.Trainer;
import org.gpt2j.training.TrainerCallback;
import org.gpt2j.training.TrainerState;
import org.gpt2j.training.TrainingArguments;
import org.gpt2j.training.calibration.Calibration;
import org.gpt2j.training.callbacks.EarlyStoppingCallback;
import org.gpt2j.training.callbacks.ResourceLogCallback;
import org.gpt2j.training.callbacks.TrainAccuracyCallback;
import org.gpt2j.training.data.Augmentation;
import org.gpt2j.training.data.ClassWeights;
import org.gpt2j.training.data.DataSplit;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.report.TrainingMetricsReport;
import picocli.CommandLine.Option;

/** How a classifier is trained besides the training arguments, and the training itself. */
final class FineTuneOptions {
  @Option(
      names = "--early-stopping-patience",
      paramLabel = "N",
      description = "End after so many evaluations without a better metric.")
  private Integer patience;

  @Option(
      names = "--early-stopping-threshold",
      paramLabel = "X",
      description = "By how much it must be better (0).")
  private Double threshold;

  @Option(
      names = "--class-weights",
      paramLabel = "balanced|W,W,...",
      description =
          "Weights of the classes in the loss, in the order of their labels; all losses of the"
              + " training are then weighted, those of evaluate are not.")
  private String classWeights;

  @Option(
      names = "--logit-adjustment",
      paramLabel = "TAU",
      description =
          "Add TAU times the logarithm of each class's frequency to its logits in the loss, so that"
              + " the model itself favours the rarer class: 1 undoes unequal frequencies"
              + " (Menon et al. 2021).")
  private Double logitAdjustment;

  @Option(
      names = "--augment",
      paramLabel = "N",
      description =
          "Train on N versions of each message that differ in what says nothing of its label: hosts"
              + " of links, digits, the full stop at the end, capitals. Each epoch reads all.")
  private Integer augment;

  @Option(
      names = "--no-train-accuracy",
      description = "Spare the accuracy on the training messages at each evaluation.")
  private boolean noTrainAccuracy;

  @Option(
      names = "--log-resources",
      description = "Print memory and tokens a second with each row of the log.")
  private boolean logResources;

  /** What the options say, to compare. */
  ObjectNode toJson() {
    return JsonFile.parse("{}")
        .put("early_stopping_patience", patience)
        .put("early_stopping_threshold", threshold)
        .put("class_weights", classWeights)
        .put("logit_adjustment", logitAdjustment)
        .put("augment", augment);
  }

  /** Refuses what cannot be before anything is loaded. */
  void check(ProblemType problemType) {
    if (problemType != ProblemType.SINGLE_LABEL_CLASSIFICATION
        && (classWeights != null || logitAdjustment != null)) {
      throw new IllegalArgumentException(
          "--class-weights, --logit-adjustment: expected --problem-type "
              + ProblemType.SINGLE_LABEL_CLASSIFICATION
              + ", found "
              + problemType);
    }
    if (augment != null && augment < 1) {
      throw new IllegalArgumentException("--augment: expected at least 1, found " + augment);
    }
    if (threshold != null && patience == null) {
      throw new IllegalArgumentException(
          "--early-stopping-threshold goes with --early-stopping-patience, found none");
    }
    if (logitAdjustment != null && !(Math.abs(logitAdjustment) <= 10)) {
      throw new IllegalArgumentException(
          "--logit-adjustment: expected -10 to 10, found " + logitAdjustment);
    }
  }

  /**
   * Trains, saves the model and everything that was measured; trainer_state.json comes last, but
   * for the charts.
   *
   * @param resume as {@code --resume} gives it: null to begin, empty for the output directory
   * @return the exit status
   */
  int run(
      FineTuneModel tuned,
      DataSplit split,
      TrainingArguments args,
      String resume,
      String title,
      PrintWriter out)
      throws IOException {
    if (patience != null && split.validation().isEmpty()) {
      throw new IllegalArgumentException(
          "--early-stopping-patience: expected messages to validate on, found none");
    }
    if (resume != null && resume.isEmpty() && Trainer.isComplete(args)) {
      out.printf(
          "%s: this training came to its end already; without --resume it begins anew%n",
          args.outputDir());
      return 0;
    }
    Trainer trainer = trainer(tuned, split, args, out);
    return InterruptHook.train(
        trainer, resume, out, () -> finish(trainer, tuned, split, title, out));
  }

  private Trainer trainer(
      FineTuneModel tuned, DataSplit split, TrainingArguments args, PrintWriter out) {
    List<TrainerCallback> callbacks = TrainingOptions.callbacks(args, out);
    if (patience != null) {
      callbacks.add(new EarlyStoppingCallback(patience, threshold == null ? 0 : threshold));
    }
    if (logResources) {
      callbacks.add(new ResourceLogCallback(out));
    }
    Trainer trainer =
        tuned
            .trainer(args)
            .trainDataset(
                tuned.data(
                    augment == null
                        ? split.train()
                        : Augmentation.versions(split.train(), augment, args.seed())))
            .evalDataset(split.validation().isEmpty() ? null : tuned.data(split.validation()))
            .classWeights(
                classWeights == null
                    ? null
                    : ClassWeights.parse(classWeights, split.train(), split.labels()))
            .logitOffsets(
                logitAdjustment == null
                    ? null
                    : ClassWeights.logitAdjustment(split.train(), split.labels(), logitAdjustment))
            .callbacks(callbacks)
            .build();
    // A regression has none.
    if (!noTrainAccuracy && ProblemType.ofLoss(tuned.model().config()) != ProblemType.REGRESSION) {
      trainer.addCallback(new TrainAccuracyCallback(trainer));
    }
    return trainer;
  }

  private static void finish(
      Trainer trainer, FineTuneModel tuned, DataSplit split, String title, PrintWriter out)
      throws IOException {
    trainer.saveModel();
    TrainerState state = trainer.state();
    Map<String, Double> last = new TreeMap<>(state.logHistory().get(state.logHistory().size() - 1));
    last.remove("step");
    trainer.saveMetrics("train", last);
    if (trainer.evalData() != null) {
      Map<String, Double> metrics = new TreeMap<>(trainer.measure(trainer.evalData(), "eval_"));
      metrics.put("epoch", state.epoch());
      trainer.saveMetrics("eval", metrics);
    }
    if (trainer.args().loadBestModelAtEnd() && state.bestModelCheckpoint() != null) {
      out.printf(
          Locale.ROOT,
          "best %s %.4f at step %d%n",
          trainer.args().evalMetricForBestModel(),
          state.bestMetric(),
          state.bestGlobalStep());
    }
    if (!split.test().isEmpty()) {
      PredictionOutput predicted = trainer.predict(tuned.data(split.test()));
      Calibration none = Calibration.identity(trainer.labelNames().size());
      Optional<ConfusionReport> confusion =
          ConfusionReport.of(trainer.labelNames(), predicted, none);
      Map<String, Double> metrics =
          confusion
              .map(report -> report.withRates("test_", predicted.metrics()))
              .orElse(predicted.metrics());
      trainer.saveMetrics("test", metrics);
      trainer.savePredictions(predicted, split.test().stream().map(LabeledText::text).toList());
      metrics.forEach((k, v) -> out.printf(Locale.ROOT, "%-24s %.4f%n", k, v));
      confusion.ifPresent(report -> report.print(out));
    }
    trainer.saveState();
    drawCharts(trainer, title, out);
    out.println("written: " + trainer.args().outputDir());
    out.flush();
  }

  /** Machines without fonts, and programs that are told to end, draw none: all else is saved. */
  static void drawCharts(Trainer trainer, String title, PrintWriter out) {
    try {
      TrainingMetricsReport.write(trainer.args().outputDir(), title, trainer.state().logHistory());
    } catch (IOException e) {
      out.println("warning: no charts: " + e.getMessage());
    }
  }
}
