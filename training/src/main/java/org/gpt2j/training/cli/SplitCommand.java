package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gpt2j.io.Printable;
import org.gpt2j.training.data.DataSplit;
import org.gpt2j.training.data.KnownLabels;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.SplitFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code split}: balances a file of messages and writes train, validation and test CSV files. */
@Command(
    name = "split",
    mixinStandardHelpOptions = true,
    description =
        "Split a file of messages into train.csv, validation.csv and test.csv (70%%, 10%%, 20%%);"
            + " ham and spam are first balanced to as many ham as spam.")
public final class SplitCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description =
          "Messages in the format of the UCI SMS Spam Collection (label TAB text), or a CSV or TSV"
              + " table.")
  private Path data;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory for the three CSV files; made if need be.")
  private Path output;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "123",
      description =
          "Seed, 0 to 4294967295; the rows are those of pandas with random_state=N"
              + " (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--group-duplicates",
      description =
          "Keep messages that differ only in digits, case, spaces or punctuation in one part.")
  private boolean groupDuplicates;

  @Mixin private final TableOptions table = new TableOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    List<LabeledText> messages = table.read(data, KnownLabels.any(), err);
    DataSplit split = DataSplit.of(data, messages, seed, groupDuplicates);
    SplitFiles.write(output, split);
    List<String> labels = split.labels();
    report(SplitFiles.TRAIN, split.train(), labels);
    report(SplitFiles.VALIDATION, split.validation(), labels);
    report(SplitFiles.TEST, split.test(), labels);
    warnOfMissing(split);
    return 0;
  }

  private void report(String name, List<LabeledText> rows, List<String> labels) {
    String counts =
        labels.stream()
            .map(
                label ->
                    rows.stream().filter(row -> row.label().equals(label)).count()
                        + " "
                        + Printable.line(label))
            .collect(Collectors.joining(", "));
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, "%s: %d rows (%s)%n", output.resolve(name), rows.size(), counts);
    out.flush();
  }

  private void warnOfMissing(DataSplit split) {
    List<String> missing =
        Stream.of(split.train(), split.validation(), split.test())
            .flatMap(List::stream)
            .map(LabeledText::text)
            .filter(SplitFiles::readAsMissingByPandas)
            .toList();
    if (!missing.isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf(
          Locale.ROOT,
          "warning: pandas.read_csv reads %d of the texts (first: '%s') as NaN unless"
              + " keep_default_na=False is given%n",
          missing.size(),
          missing.get(0));
      err.flush();
    }
  }
}
