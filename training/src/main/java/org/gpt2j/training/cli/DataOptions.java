package org.gpt2j.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.model.ProblemType;
import org.gpt2j.training.LabelEncoder;
import org.gpt2j.training.data.DataSplit;
import org.gpt2j.training.data.KnownLabels;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.SplitFiles;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which messages `train` uses: one file to be split, or a split that is there already. */
final class DataOptions {
  private static final Path COLLECTION = Path.of("dataset", "SMSSpamCollection");
  private static final Path SAMPLE = Path.of("dataset", "sample-sms.tsv");

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "Messages in the UCI format, or a CSV or TSV table; split 70/10/20, ham and spam balanced"
              + " (default: dataset/SMSSpamCollection, else our sample).")
  private Path data;

  @Option(
      names = "--split-seed",
      paramLabel = "N",
      defaultValue = "123",
      description = "random_state of the split (default: ${DEFAULT-VALUE}).")
  private long splitSeed;

  @Option(
      names = "--group-duplicates",
      description =
          "Keep messages of --data that differ only in digits, case, spaces or punctuation in one"
              + " part.")
  private boolean groupDuplicates;

  @Option(
      names = "--dataset",
      paramLabel = "DIR",
      description = "Where the split of --data is written as CSV files (default: not written).")
  private Path dataset;

  @Option(
      names = "--train-file",
      paramLabel = "FILE",
      description = "Training messages, for --data.")
  private Path trainFile;

  @Option(names = "--eval-file", paramLabel = "FILE", description = "Validation messages.")
  private Path evalFile;

  @Option(names = "--test-file", paramLabel = "FILE", description = "Test messages.")
  private Path testFile;

  @Option(
      names = "--more-train-files",
      paramLabel = "FILE",
      arity = "1..*",
      description =
          "Further messages, for training only; duplicates of validation and test messages are left"
              + " out.")
  private List<Path> moreTrainFiles = List.of();

  @ArgGroup(validate = false)
  private final TableOptions table = new TableOptions();

  /**
   * Reads the messages.
   *
   * @param problemType what their labels are
   * @param seedOffset added to the seed of the split
   * @param out gets what was found out and done
   */
  DataSplit load(ProblemType problemType, int seedOffset, PrintWriter out) throws IOException {
    DataSplit split = loadSplit(problemType, seedOffset, out);
    KnownLabels labels =
        KnownLabels.of(LabelEncoder.names(problemType, split), "the data", problemType);
    for (Path file : moreTrainFiles) {
      List<LabeledText> more = table.read(file, labels, out);
      int before = split.train().size();
      split = split.withMoreToTrain(more);
      out.printf(
          "more to train: %s of %s in %s%n", split.train().size() - before, more.size(), file);
    }
    return split;
  }

  private DataSplit loadSplit(ProblemType problemType, int seedOffset, PrintWriter out)
      throws IOException {
    if (trainFile == null) {
      if (evalFile != null || testFile != null) {
        throw new IllegalArgumentException(
            "--eval-file and --test-file go with --train-file, found none");
      }
      return split(problemType, splitSeed + seedOffset, out);
    }
    if (data != null || dataset != null) {
      throw new IllegalArgumentException(
          "--data and --dataset do not go with --train-file, which is a split already");
    }
    if (groupDuplicates) {
      throw new IllegalArgumentException(
          "--group-duplicates does not go with --train-file, which is a split already");
    }
    List<LabeledText> train = table.read(trainFile, KnownLabels.any(problemType), out);
    KnownLabels labels =
        KnownLabels.of(names(problemType, trainFile, train), trainFile.toString(), problemType);
    return new DataSplit(
        train, readOrEmpty(evalFile, labels, out), readOrEmpty(testFile, labels, out));
  }

  private List<LabeledText> readOrEmpty(Path file, KnownLabels labels, PrintWriter out)
      throws IOException {
    return file == null ? List.of() : table.read(file, labels, out);
  }

  private static List<String> names(
      ProblemType problemType, Path file, List<LabeledText> messages) {
    try {
      return LabelEncoder.names(problemType, messages);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private DataSplit split(ProblemType problemType, long seed, PrintWriter out) throws IOException {
    Path file = data != null ? data : defaultFile(out);
    List<LabeledText> messages = table.read(file, KnownLabels.any(problemType), out);
    DataSplit split = DataSplit.of(file, messages, seed, groupDuplicates, problemType);
    boolean balanced =
        problemType == ProblemType.SINGLE_LABEL_CLASSIFICATION && split.isHamOrSpam();
    out.printf(
        "data: %s, %s: %s to train, %s to validate, %s to test%n",
        file,
        balanced ? "balanced" : "shuffled",
        split.train().size(),
        split.validation().size(),
        split.test().size());
    if (dataset != null) {
      SplitFiles.write(dataset, split);
    }
    return split;
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
            + ": using our own small sample; `download sms-spam` gets the real one");
    return SAMPLE;
  }
}
