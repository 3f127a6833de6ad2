package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.gpt2j.io.Printable;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.Loss;
import org.gpt2j.training.ClassificationMetrics;
import org.gpt2j.training.ModelDirectory;
import org.gpt2j.training.PredictionOutput;
import org.gpt2j.training.TextClassifier;
import org.gpt2j.training.calibration.Calibration;
import org.gpt2j.training.calibration.CalibrationFile;
import org.gpt2j.training.calibration.CalibrationFit;
import org.gpt2j.training.calibration.Reliability;
import org.gpt2j.training.calibration.Threshold;
import org.gpt2j.training.data.KnownLabels;
import org.gpt2j.training.data.LabeledText;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code calibrate}: makes probabilities of a model's scores, and chooses a threshold. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Make a trained model's scores probabilities that agree with frequencies, and choose from which"
          + " one on a text is blocked: writes calibration.json beside the model's weights.",
      "Use messages that the model was not trained on, and others than those it is measured with."
    })
public final class CalibrateCommand implements Callable<Integer> {
  private static final int FEW = 50;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "Directory that `train` or peft wrote.")
  private Path model;

  @Option(
      names = "--base",
      paramLabel = "DIR|NAME",
      description = "Base model of the adapter (default: the one that the adapter names).")
  private String base;

  @Mixin private WeightsOption weights;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      arity = "1..*",
      required = true,
      description = "Lines of label TAB text, or CSV or TSV tables, to fit the probabilities to.")
  private List<Path> data;

  @Option(
      names = "--max-false-positive-rate",
      paramLabel = "RATE",
      description =
          "Of two classes: choose the threshold at which at most this part of the first one's"
              + " messages, such as ham, gets the second one's label (default: no threshold, the"
              + " more probable class is the label).")
  private Double maxFalsePositiveRate;

  @Option(
      names = "--threshold-data",
      paramLabel = "FILE",
      arity = "1..*",
      description = "Messages to choose the threshold on (default: those of --data).")
  private List<Path> thresholdData;

  @ArgGroup(validate = false)
  private final TableOptions table = new TableOptions();

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (thresholdData != null && maxFalsePositiveRate == null) {
      throw new IllegalArgumentException(
          "--threshold-data goes with --max-false-positive-rate, found none");
    }
    Main.setThreads(threads);
    ModelDirectory directory = ModelDirectory.open(model, base, Main.hub(spec));
    try (TextClassifier classifier = TextClassifier.loadUncalibrated(directory, weights.type())) {
      check(classifier);
      PredictionOutput fitted = predict(classifier, data);
      warnOfFew(classifier, fitted.labelIds());
      Calibration calibration = CalibrationFit.fit(fitted.predictions(), fitted.labelIds());
      PredictionOutput after = calibrated(fitted, calibration);
      Map<String, Double> numbers = new TreeMap<>();
      numbers.put("examples", (double) fitted.labelIds().length);
      numbers.put("temperature", calibration.temperature());
      Loss loss = classifier.problemType().newLoss();
      numbers.put("loss_before", loss.mean(fitted.predictions(), fitted.labels()));
      numbers.put("loss", loss.mean(after.predictions(), after.labels()));
      numbers.put("ece_before", ece(fitted));
      numbers.put("ece", ece(after));
      if (maxFalsePositiveRate != null) {
        PredictionOutput judged =
            thresholdData == null ? fitted : predict(classifier, thresholdData);
        calibration = withThreshold(calibration, calibrated(judged, calibration), numbers);
      }
      CalibrationFile.write(directory.directory(), calibration, classifier.headSha256(), numbers);
      PrintWriter out = spec.commandLine().getOut();
      numbers.forEach(
          (k, v) ->
              out.printf(
                  Locale.ROOT, k.endsWith("examples") ? "%-24s %.0f%n" : "%-24s %.4f%n", k, v));
      out.println("written: " + directory.directory().resolve(CalibrationFile.NAME));
      return 0;
    }
  }

  private void check(TextClassifier classifier) {
    if (classifier.problemType() != ProblemType.SINGLE_LABEL_CLASSIFICATION) {
      throw new IllegalArgumentException(
          "%s: expected a classifier of one label a text, found %s"
              .formatted(model, classifier.problemType()));
    }
    int classes = classifier.labels().size();
    if (maxFalsePositiveRate != null && classes != 2) {
      throw new IllegalArgumentException(
          "--max-false-positive-rate: expected a model of 2 classes, found " + classes);
    }
  }

  private PredictionOutput predict(TextClassifier classifier, List<Path> files) throws IOException {
    KnownLabels labels = KnownLabels.of(classifier.labels(), "the model", classifier.problemType());
    List<LabeledText> messages = new ArrayList<>();
    for (Path file : files) {
      messages.addAll(table.read(file, labels, spec.commandLine().getErr()));
    }
    return classifier.predict(messages, "");
  }

  private static PredictionOutput calibrated(PredictionOutput output, Calibration calibration) {
    float[][] logits = output.predictions().clone();
    Arrays.setAll(logits, i -> calibration.apply(logits[i]));
    return new PredictionOutput(logits, output.labels(), Map.of());
  }

  /** Of few messages, frequencies are rough, and labels are softened much. */
  private void warnOfFew(TextClassifier classifier, int[] labels) {
    PrintWriter err = spec.commandLine().getErr();
    for (int c = 0; c < classifier.labels().size(); c++) {
      int label = c;
      long count = Arrays.stream(labels).filter(l -> l == label).count();
      if (count == 0) {
        throw new IllegalArgumentException(
            "--data: expected messages of every label, found none of "
                + Printable.line(classifier.labels().get(c)));
      }
      if (count < FEW) {
        err.printf(
            "warning: --data has %s messages of %s: with fewer than %s the probabilities may get"
                + " worse%n",
            count, Printable.line(classifier.labels().get(c)), FEW);
      }
    }
  }

  private static double ece(PredictionOutput output) {
    return Reliability.of(output.predictions(), output.labelIds()).expectedCalibrationError();
  }

  private Calibration withThreshold(
      Calibration calibration, PredictionOutput judged, Map<String, Double> numbers) {
    int[] labels = judged.labelIds();
    long negatives = Arrays.stream(labels).filter(label -> label == 0).count();
    if (negatives * maxFalsePositiveRate < 1) {
      spec.commandLine()
          .getErr()
          .printf(
              "warning: one of %s messages is more than the part of %s that may get the other"
                  + " label: the threshold leaves out all of them%n",
              negatives, maxFalsePositiveRate);
    }
    double[] scores = new double[labels.length];
    Arrays.setAll(scores, i -> Calibration.probabilities(judged.predictions()[i])[1]);
    double threshold = Threshold.forFalsePositiveRate(scores, labels, maxFalsePositiveRate);
    Calibration chosen = calibration.withThreshold(threshold);
    ClassificationMetrics metrics = ClassificationMetrics.of(judged.predictions(), labels, chosen);
    numbers.put("max_false_positive_rate", maxFalsePositiveRate);
    numbers.put("threshold", threshold);
    numbers.put("threshold_examples", (double) labels.length);
    numbers.put("false_positive_rate", metrics.falsePositiveRate());
    numbers.put("recall", metrics.recall());
    return chosen;
  }
}
