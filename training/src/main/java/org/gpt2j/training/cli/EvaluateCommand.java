package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.io.Printable;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.Labels;
import org.gpt2j.training.PredictionOutput;
import org.gpt2j.training.TextClassifier;
import org.gpt2j.training.data.KnownLabels;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.report.EvaluationReport;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code evaluate}: loss and scores of a model over labelled messages. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = "Measure a trained model on labelled messages.")
public final class EvaluateCommand implements Callable<Integer> {
  @Mixin private ClassifierOptions model;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "Lines of label TAB text, or a CSV or TSV table.")
  private Path data;

  @Option(
      names = "--problem-type",
      paramLabel = "NAME",
      description =
          "What to measure: single_label_classification, multi_label_classification (labels with |"
              + " between them) or regression (numbers) (default: as the model's config.json says;"
              + " where it does not, a regression of one label, else one of the labels).")
  private String problemType;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(
      names = "--plots",
      paramLabel = "DIR",
      description =
          "Draw how far probabilities agree with frequencies, and of two classes precision against"
              + " recall: evaluation_plots.pdf and .png.")
  private Path plots;

  @ArgGroup(validate = false)
  private final TableOptions table = new TableOptions();

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Main.setThreads(threads);
    try (TextClassifier classifier = model.load(Main.hub(spec))) {
      ProblemType type =
          problemType == null
              ? ProblemType.ofLoss(classifier.config())
              : ProblemType.fromName(problemType);
      KnownLabels labels = KnownLabels.of(classifier.labels(), "the model", type);
      List<LabeledText> messages = table.read(data, labels, spec.commandLine().getErr());
      PredictionOutput predicted = classifier.predict(messages, "eval_", type);
      Optional<ConfusionReport> confusion =
          ConfusionReport.of(classifier.labels(), predicted, classifier.calibration());
      Map<String, Double> metrics =
          confusion
              .map(report -> report.withRates("eval_", predicted.metrics()))
              .orElse(predicted.metrics());
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(new ObjectMapper().writeValueAsString(metrics));
      } else {
        metrics.forEach((k, v) -> out.printf(Locale.ROOT, "%-24s %.4f%n", k, v));
        confusion.ifPresent(report -> report.print(out));
        classifier
            .calibration()
            .threshold()
            .ifPresent(
                t ->
                    out.printf(
                        Locale.ROOT,
                        "%s from a probability of %.4f on (calibration.json)%n",
                        Printable.line(classifier.labels().get(1)),
                        t));
      }
      if (plots != null) {
        plot(classifier, predicted);
      }
      if (out.checkError()) {
        throw new IOException("standard output: cannot be written to");
      }
      return 0;
    }
  }

  private void plot(TextClassifier classifier, PredictionOutput predicted) throws IOException {
    if (!(predicted.labels() instanceof Labels.Ids)) {
      throw new IllegalArgumentException("--plots: expected a model of one label a text");
    }
    AtomicFile.createDirectories(plots);
    EvaluationReport.write(
        plots,
        data.getFileName().toString(),
        classifier.labels().stream().map(Printable::line).toList(),
        predicted.predictions(),
        predicted.labelIds(),
        classifier.calibration().threshold());
  }
}
