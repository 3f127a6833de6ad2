package org.gpt2j.training.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.io.Printable;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.Backend;
import org.gpt2j.training.Classification;
import org.gpt2j.training.TextClassifier;
import org.gpt2j.training.data.MultiLabel;
import org.gpt2j.training.data.TableReader;
import picocli.CommandLine.ArgGroup;
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
    sortOptions = false,
    description =
        "Classify messages: the arguments, the rows of a table, or one a line from standard input.")
public final class ClassifyCommand implements Callable<Integer> {
  /** Lines that are classified together when they are there already. */
  private static final int BATCH = 64;

  @Mixin private ClassifierOptions model;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description =
          "A table with a column of texts, or a file of one text a line; `-` for standard input.")
  private Path input;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Where the table goes as CSV, with columns for label and score; appears whole or not at"
              + " all (default: `-`, standard output).")
  private Path output;

  @Option(
      names = "--json",
      description =
          "Write one JSON object a message: text, label, score, logits, token_ids; after a calibration"
              + " also probabilities; where several labels may hold also labels and probabilities, of a"
              + " regression values.")
  private boolean json;

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Option(
      names = "--timings",
      description = "Say on standard error where the time of this process went.")
  private boolean showTimings;

  @ArgGroup(validate = false, heading = "What the table of --input is like%n")
  private final TableOptions table = new TableOptions();

  @Parameters(paramLabel = "TEXT", description = "Messages to classify.")
  private List<String> texts;

  @Spec private CommandSpec spec;

  private final Timings timings = new Timings(Main.STARTED);

  @Override
  public Integer call() throws IOException {
    timings.end("options");
    Main.setThreads(threads);
    if (input != null) {
      return classifyTable();
    }
    if (output != null || table.isGiven()) {
      throw new IllegalArgumentException(
          "--output and what a table is like go with --input, found none");
    }
    try (TextClassifier classifier = model.load(Main.hub(spec))) {
      timings.end("load");
      int exit = 0;
      if (texts != null) {
        print(classifier.classify(texts));
      } else {
        exit = classifyLines(classifier);
      }
      end();
      return exit;
    }
  }

  private void end() {
    timings.end("compute");
    if (showTimings) {
      spec.commandLine().getErr().println(timings.line(Backend.loadingTime()));
    }
  }

  private int classifyTable() throws IOException {
    if (texts != null) {
      throw new IllegalArgumentException(
          "--input: expected no texts beside it, found " + texts.size());
    }
    boolean file = output != null && !isStandard(output);
    if (file && Files.exists(output) && !Files.isRegularFile(output)) {
      throw new IOException(
          "--output " + output + ": expected a file to write or none, found something else");
    }
    PrintWriter err = spec.commandLine().getErr();
    int maxBadRows = table.maxBadRows();
    try (TableReader rows = openTable();
        TextClassifier classifier = model.load(Main.hub(spec))) {
      timings.end("load");
      RowProgress progress = new RowProgress(err, file && Terminal.isInteractive());
      TableLabeling labeling = new TableLabeling(rows, classifier, maxBadRows, err, progress);
      if (file) {
        return InterruptHook.run(
            labeling::interrupt, () -> write(labeling, rows, classifier.problemType()));
      }
      PrintWriter out = spec.commandLine().getOut();
      labeling.write(new LabeledTable(out, rows.layout(), classifier.problemType(), json));
      end();
      return 0;
    }
  }

  private static boolean isStandard(Path path) {
    return path.toString().equals("-");
  }

  private TableReader openTable() throws IOException {
    return isStandard(input)
        ? TableReader.texts("standard input", System.in, table.textFormat())
        : TableReader.texts(input, table.textFormat());
  }

  private int write(TableLabeling labeling, TableReader rows, ProblemType type) throws IOException {
    try {
      AtomicFile.write(
          output,
          channel -> {
            // Not closed: the channel is not ours.
            Writer out = Channels.newWriter(channel, StandardCharsets.UTF_8.newEncoder(), -1);
            labeling.write(new LabeledTable(new BufferedWriter(out), rows.layout(), type, json));
          });
      end();
      return 0;
    } catch (IOException e) {
      if (!labeling.isInterrupted()) {
        throw e;
      }
      PrintWriter err = spec.commandLine().getErr();
      err.println("interrupted: " + output + " is as it was");
      return InterruptHook.EXIT_CODE;
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
        out.printf("%s\t%s\t%s%n", Printable.line(label(c)), score(c), Printable.line(c.text()));
      }
    }
    checkError(out);
  }

  private static void checkError(PrintWriter out) throws IOException {
    if (out.checkError()) {
      throw new IOException("standard output: cannot be written to");
    }
  }

  /** All labels that hold; of a regression the names of its values. */
  private static String label(Classification c) {
    if (c.problemType() == ProblemType.REGRESSION) {
      return MultiLabel.format(List.copyOf(c.scores().keySet()));
    }
    return c.labels().isEmpty() ? "(none)" : MultiLabel.format(c.labels());
  }

  /** The highest probability; of a regression all values. */
  private static String score(Classification c) {
    Collection<Double> scores =
        c.problemType() == ProblemType.REGRESSION ? c.scores().values() : List.of(c.score());
    return MultiLabel.format(
        scores.stream().map(score -> String.format(Locale.ROOT, "%.4f", score)).toList());
  }
}
