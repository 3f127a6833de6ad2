package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.training.data.BalancedSplit;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.SplitFiles;
import picocli.CommandLine.Option;

/** Which messages `train` uses: one file to be split, or a split that is there already. */
final class DataOptions {
  private static final Path COLLECTION = Path.of("dataset", "SMSSpamCollection");
  private static final Path SAMPLE = Path.of("dataset", "sample-sms.tsv");

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "Messages in the UCI format, balanced and split 70/10/20 (default:"
              + " dataset/SMSSpamCollection, else our sample).")
  private Path data;

  @Option(names = "--pandas-quoting", description = "Read quotes in --data as pandas does.")
  private boolean pandasQuoting;

  @Option(
      names = "--split-seed",
      paramLabel = "N",
      defaultValue = "123",
      description = "random_state of the split (default: ${DEFAULT-VALUE}).")
  private long splitSeed;

  @Option(
      names = "--dataset",
      paramLabel = "DIR",
      description = "Where the split of --data is written as CSV files (default: not written).")
  private Path dataset;

  @Option(
      names = "--train-file",
      paramLabel = "CSV",
      description = "Training messages, for --data.")
  private Path trainFile;

  @Option(names = "--eval-file", paramLabel = "CSV", description = "Validation messages.")
  private Path evalFile;

  @Option(names = "--test-file", paramLabel = "CSV", description = "Test messages.")
  private Path testFile;

  MessageSplit load(PrintWriter out) throws IOException {
    if (trainFile == null) {
      if (evalFile != null || testFile != null) {
        throw new IllegalArgumentException(
            "--eval-file and --test-file go with --train-file, found none");
      }
      return split(out);
    }
    if (data != null || dataset != null) {
      throw new IllegalArgumentException(
          "--data and --dataset do not go with --train-file, which is a split already");
    }
    return new MessageSplit(
        MessageFiles.read(trainFile), readOrEmpty(evalFile), readOrEmpty(testFile));
  }

  private static List<LabeledText> readOrEmpty(Path file) throws IOException {
    return file == null ? List.of() : MessageFiles.read(file);
  }

  private MessageSplit split(PrintWriter out) throws IOException {
    Path file = data != null ? data : defaultFile(out);
    BalancedSplit split = BalancedSplit.of(file, pandasQuoting, splitSeed);
    out.printf(
        "data: %s, balanced: %d to train, %d to validate, %d to test%n",
        file, split.train().size(), split.validation().size(), split.test().size());
    if (dataset != null) {
      SplitFiles.write(dataset, split);
    }
    return new MessageSplit(split.train(), split.validation(), split.test());
  }

  private static Path defaultFile(PrintWriter out) {
    if (Files.exists(COLLECTION)) {
      return COLLECTION;
    }
    if (!Files.exists(SAMPLE)) {
      throw new IllegalArgumentException(
          "--data: expected a file of messages; neither "
              + COLLECTION
              + " nor "
              + SAMPLE
              + " is here");
    }
    out.println(
        "no --data and no "
            + COLLECTION
            + ": using our own small sample; dataset/README.md says how to get the real one");
    return SAMPLE;
  }
}
