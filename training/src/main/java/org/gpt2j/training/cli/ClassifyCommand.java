package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.gpt2j.io.Printable;
import org.gpt2j.nn.Backend;
import org.gpt2j.training.Classification;
import org.gpt2j.training.TextClassifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code classify}: says of each message which class it belongs to. */
@Command(
    name = "classify",
    mixinStandardHelpOptions = true,
    description = "Classify messages: the arguments, or one a line from standard input.")
public final class ClassifyCommand implements Callable<Integer> {
  /** Lines that are classified together when they are there already. */
  private static final int BATCH = 64;

  @Mixin private ClassifierOptions model;

  @Option(
      names = "--json",
      description = "Print one JSON object a message: text, label, score, logits, token_ids.")
  private boolean json;

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Option(
      names = "--timings",
      description = "Say on standard error where the time of this process went.")
  private boolean showTimings;

  @Parameters(paramLabel = "TEXT", description = "Messages to classify.")
  private List<String> texts;

  @Spec private CommandSpec spec;

  private final Timings timings = new Timings(Main.STARTED);

  @Override
  public Integer call() throws IOException {
    timings.end("options");
    Main.setThreads(threads);
    try (TextClassifier classifier = model.load(Main.hub(spec))) {
      timings.end("load");
      int exit = 0;
      if (texts != null) {
        TextLines.refuseUndecoded(texts);
        print(classifier.classify(texts));
      } else {
        exit = classifyLines(classifier);
      }
      timings.end("compute");
      if (showTimings) {
        spec.commandLine().getErr().println(timings.line(Backend.loadingTime()));
      }
      return exit;
    }
  }

  private int classifyLines(TextClassifier classifier) throws IOException {
    TextLines lines = TextLines.open(spec.commandLine().getErr());
    List<String> waiting = new ArrayList<>();
    for (String line = lines.next(); line != null; line = lines.next()) {
      if (!line.isEmpty()) {
        waiting.add(line);
      }
      if (waiting.size() == BATCH || !lines.ready()) {
        print(classifier.classify(waiting));
        waiting.clear();
      }
    }
    print(classifier.classify(waiting));
    return lines.exitCode();
  }

  private void print(List<Classification> results) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    for (Classification c : results) {
      if (json) {
        out.println(ClassificationJson.line(c));
      } else {
        // A tab or a line end of a stranger makes no column or row.
        String label = Printable.line(c.label());
        out.printf(Locale.ROOT, "%s\t%.4f\t%s%n", label, c.score(), Printable.line(c.text()));
      }
    }
    if (out.checkError()) {
      throw new IOException("standard output: cannot be written to");
    }
  }
}
