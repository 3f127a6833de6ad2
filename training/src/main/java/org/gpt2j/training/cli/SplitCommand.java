package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.gpt2j.training.data.BalancedSplit;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.SplitFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code split}: balances a file of messages and writes train, validation and test CSV files. */
@Command(
    name = "split",
    mixinStandardHelpOptions = true,
    description =
        "Balance a file of messages (label TAB text) to as many ham as spam and write"
            + " train.csv, validation.csv and test.csv (70%%, 10%%, 20%%).")
public final class SplitCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "File in the format of the UCI SMS Spam Collection.")
  private Path data;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory for the three CSV files; made if need be.")
  private Path output;

  @Option(
      names = "--pandas-quoting",
      description =
          "Take quotes as pandas.read_csv does by default (some messages merge); otherwise a quote"
              + " is an ordinary character.")
  private boolean pandasQuoting;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "123",
      description =
          "Seed, 0 to 4294967295; the rows are those of pandas with random_state=N"
              + " (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    BalancedSplit split = BalancedSplit.of(data, pandasQuoting, seed);
    SplitFiles.write(output, split);
    report(SplitFiles.TRAIN, split.train());
    report(SplitFiles.VALIDATION, split.validation());
    report(SplitFiles.TEST, split.test());
    warnOfMissing(split);
    return 0;
  }

  private void report(String name, List<LabeledText> rows) {
    long spam = rows.stream().filter(row -> row.labelId() == 1).count();
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s: %d rows (%d ham, %d spam)%n",
        output.resolve(name), rows.size(), rows.size() - spam, spam);
    out.flush();
  }

  private void warnOfMissing(BalancedSplit split) {
    List<String> missing =
        Stream.of(split.train(), split.validation(), split.test())
            .flatMap(List::stream)
            .map(LabeledText::text)
            .filter(SplitFiles::readAsMissingByPandas)
            .toList();
    if (!missing.isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf(
          "warning: pandas.read_csv reads %d of the texts (first: '%s') as NaN unless"
              + " keep_default_na=False is given%n",
          missing.size(), missing.get(0));
      err.flush();
    }
  }
}
