package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.gpt2j.training.ClassificationData;
import org.gpt2j.training.PredictionOutput;
import org.gpt2j.training.ReportTo;
import org.gpt2j.training.Trainer;
import org.gpt2j.training.TrainerCallback;
import org.gpt2j.training.TrainerState;
import org.gpt2j.training.TrainingArguments;
import org.gpt2j.training.callbacks.EarlyStoppingCallback;
import org.gpt2j.training.callbacks.ProgressCallback;
import org.gpt2j.training.callbacks.ResourceLogCallback;
import org.gpt2j.training.callbacks.TrainAccuracyCallback;
import org.gpt2j.training.data.ClassWeights;
import org.gpt2j.training.data.DataSplit;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.report.TensorBoardCallback;
import org.gpt2j.training.report.TrainingMetricsReport;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code train}: fine-tunes a classifier and writes it, with what was measured. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Fine-tune GPT-2 into a classifier of spam and ham, or of your classes.")
public final class TrainCommand implements Callable<Integer> {
  private static final String DEFAULT_OUTPUT = "lora_model";

  @ArgGroup(validate = false, heading = "Model%n")
  private final ModelOptions model = new ModelOptions();

  @ArgGroup(validate = false, heading = "Data%n")
  private final DataOptions data = new DataOptions();

  @Option(
      names = {"--output", "--output-dir"},
      paramLabel = "DIR",
      description =
          "Where the trained model, its checkpoints and results go (default: lora_model).")
  private Path output;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      arity = "0..1",
      fallbackValue = "",
      description =
          "Go on from a checkpoint, or from the newest whole one in a directory (default: in that"
              + " of --output). Give the other options as they were.")
  private String resume;

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
      description = "Weights of the classes in the loss, in the order of their labels.")
  private String classWeights;

  @Option(
      names = "--no-train-accuracy",
      description = "Spare the accuracy on the training messages at each evaluation.")
  private boolean noTrainAccuracy;

  @Option(
      names = "--log-resources",
      description = "Print memory and tokens a second with each row of the log.")
  private boolean logResources;

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Mixin private final TrainingOptions training = new TrainingOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ObjectNode json = training.toJson();
    model.takeFrom(json);
    if (output != null || !json.has("output_dir")) {
      json.put("output_dir", output == null ? DEFAULT_OUTPUT : output.toString());
    }
    TrainingArguments args = TrainingArguments.fromJson(json);
    List<TrainerCallback> callbacks = callbacks(args, out);
    Main.setThreads(threads);
    Path dir = args.outputDir();
    OutputDirectory.check(dir, model.otherWeights());
    out.println("base model: " + model.baseName());
    DataSplit split = data.load(out);
    FineTuneModel tuned = model.load(split.labels(), args.seed(), Main.hub(spec));
    out.println(tuned.trainableLine());
    ClassificationData evalData =
        split.validation().isEmpty() ? null : tuned.data(split.validation());
    Trainer trainer =
        tuned
            .trainer(args)
            .trainDataset(tuned.data(split.train()))
            .evalDataset(evalData)
            .classWeights(
                classWeights == null
                    ? null
                    : ClassWeights.parse(classWeights, split.train(), split.labels()))
            .callbacks(callbacks)
            .build();
    if (!noTrainAccuracy) {
      trainer.addCallback(new TrainAccuracyCallback(trainer));
    }

    int status = InterruptHook.train(trainer, resume, out);
    if (status != 0) {
      return status;
    }
    trainer.saveModel();
    report(trainer, model.baseName(), out);
    if (!split.test().isEmpty()) {
      PredictionOutput predicted = trainer.predict(tuned.data(split.test()));
      ConfusionReport confusion = ConfusionReport.of(split.labels(), predicted);
      Map<String, Double> metrics = confusion.withRates("test_", predicted.metrics());
      trainer.saveMetrics("test", metrics);
      trainer.savePredictions(predicted, split.test().stream().map(LabeledText::text).toList());
      metrics.forEach((k, v) -> out.printf(Locale.ROOT, "%-24s %.4f%n", k, v));
      confusion.print(out);
    }
    out.println("written: " + dir);
    out.flush();
    return 0;
  }

  private List<TrainerCallback> callbacks(TrainingArguments args, PrintWriter out) {
    List<TrainerCallback> callbacks = new ArrayList<>();
    callbacks.add(new ProgressCallback(out, Terminal.isInteractive()));
    if (patience != null) {
      callbacks.add(new EarlyStoppingCallback(patience, threshold == null ? 0 : threshold));
    } else if (threshold != null) {
      throw new IllegalArgumentException(
          "--early-stopping-threshold goes with --early-stopping-patience, found none");
    }
    if (args.reportTo() == ReportTo.TENSORBOARD) {
      callbacks.add(new TensorBoardCallback(args.loggingDir()));
    }
    if (logResources) {
      callbacks.add(new ResourceLogCallback(out));
    }
    return callbacks;
  }

  /** Everything about the training itself: state, results, curves. */
  private static void report(Trainer trainer, String title, PrintWriter out) throws IOException {
    TrainerState state = trainer.state();
    trainer.saveState();
    Map<String, Double> last = new TreeMap<>(state.logHistory().get(state.logHistory().size() - 1));
    last.remove("step");
    trainer.saveMetrics("train", last);
    if (trainer.evalData() != null) {
      Map<String, Double> metrics = new TreeMap<>(trainer.measure(trainer.evalData(), "eval_"));
      metrics.put("epoch", state.epoch());
      trainer.saveMetrics("eval", metrics);
    }
    TrainingMetricsReport.write(
        trainer.args().outputDir(), "Fine-tuning: " + title, state.logHistory());
    if (trainer.args().loadBestModelAtEnd() && state.bestModelCheckpoint() != null) {
      out.printf(
          Locale.ROOT,
          "best %s %.4f at step %d%n",
          trainer.args().metricForBestModel().replaceFirst("^(eval_)?", "eval_"),
          state.bestMetric(),
          state.bestGlobalStep());
    }
  }
}
