package org.gpt2j.training.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gpt2j.model.ProblemType;

/**
 * A data set cut into messages to train on, to choose the best weights by, and to measure with.
 *
 * @param train the training messages
 * @param validation the validation messages, may be empty
 * @param test the test messages, may be empty
 */
public record DataSplit(
    List<LabeledText> train, List<LabeledText> validation, List<LabeledText> test) {
  private static final double TRAIN_FRACTION = 0.7;
  private static final double VALIDATION_FRACTION = 0.1;

  /** Copies the lists, so that the split cannot change. */
  public DataSplit {
    train = List.copyOf(train);
    validation = List.copyOf(validation);
    test = List.copyOf(test);
  }

  /**
   * The same with further messages to train on, after those that are there. Duplicates of a
   * validation or test message ({@link DuplicateKey}) are left out.
   */
  public DataSplit withMoreToTrain(List<LabeledText> messages) {
    Set<String> measured =
        Stream.concat(validation.stream(), test.stream())
            .map(m -> DuplicateKey.of(m.text()))
            .collect(Collectors.toSet());
    Stream<LabeledText> more =
        messages.stream().filter(m -> !measured.contains(DuplicateKey.of(m.text())));
    return new DataSplit(Stream.concat(train.stream(), more).toList(), validation, test);
  }

  /**
   * The label names of all parts, see {@link LabelNames}.
   *
   * @throws IllegalArgumentException if there are fewer than two
   */
  public List<String> labels() {
    return LabelNames.of(
        Stream.of(train, validation, test).flatMap(List::stream).distinct().toList());
  }

  /** Whether no label is another than ham and spam. */
  public boolean isHamOrSpam() {
    return Stream.of(train, validation, test).allMatch(DataSplit::isHamOrSpam);
  }

  private static boolean isHamOrSpam(List<LabeledText> messages) {
    return messages.stream().map(LabeledText::label).allMatch(SmsSpamCollection.ID2LABEL::contains);
  }

  /**
   * Balances and splits as chapter 6 of Raschka's "Build a Large Language Model (From Scratch)"
   * does; the rows and their order are those of pandas:
   *
   * <pre>
   * ham = df[df.Label == 'ham'].sample(n=num_spam, random_state=seed)
   * df = pd.concat([ham, df[df.Label == 'spam']])
   * df = df.sample(frac=1, random_state=seed)
   * train_end = int(len(df) * 0.7); validation_end = train_end + int(len(df) * 0.1)
   * </pre>
   *
   * @param messages all messages, ham and spam, in the order of their file
   * @param seed 0 to 4294967295; used afresh for each of the two draws, as above
   * @param groupDuplicates keeps messages with the same {@link DuplicateKey} in one part; those
   *     that fit into no part any more go to the next, so that the sizes stay as near to 70/10/20
   *     as they can. Without duplicates the rows are the same
   * @throws IllegalArgumentException if there are fewer ham than spam messages, fewer than 5 spam
   *     messages (a part would be empty), the groups fill no three parts, or the seed is out of
   *     range
   */
  public static DataSplit balanced(List<LabeledText> messages, long seed, boolean groupDuplicates) {
    List<LabeledText> ham = labeled(messages, "ham");
    List<LabeledText> spam = labeled(messages, "spam");
    if (ham.size() < spam.size() || spam.size() < 5) {
      throw new IllegalArgumentException(
          String.format(
              "expected at least 5 spam messages and no fewer ham than spam, found %s ham and %s"
                  + " spam",
              ham.size(), spam.size()));
    }
    Stream<LabeledText> hamSubset = shuffle(ham, seed).stream().limit(spam.size());
    return cut(Stream.concat(hamSubset, spam.stream()).toList(), seed, groupDuplicates);
  }

  /**
   * Shuffles messages of any labels as pandas' {@code df.sample(frac=1, random_state=seed)} and
   * cuts them 70/10/20, rounded as in {@link #balanced}.
   *
   * @throws IllegalArgumentException if there are fewer than 10 messages (a part would be empty),
   *     the groups fill no three parts, or the seed is out of range
   */
  public static DataSplit shuffled(List<LabeledText> messages, long seed, boolean groupDuplicates) {
    if (messages.size() < 10) {
      throw new IllegalArgumentException("expected at least 10 messages, found " + messages.size());
    }
    return cut(messages, seed, groupDuplicates);
  }

  /**
   * Splits the messages of a file: balanced where they are ham and spam, else shuffled.
   *
   * @throws DataFileException naming the file if its messages cannot be split
   * @throws IllegalArgumentException if the seed is out of range
   */
  public static DataSplit of(
      Path file, List<LabeledText> messages, long seed, boolean groupDuplicates)
      throws DataFileException {
    return of(file, messages, seed, groupDuplicates, ProblemType.SINGLE_LABEL_CLASSIFICATION);
  }

  /**
   * Splits the messages of a file: balanced where their labels are ham and spam alone and each text
   * has one, else shuffled.
   *
   * @param problemType what a label is
   * @throws DataFileException naming the file if its messages cannot be split
   * @throws IllegalArgumentException if the seed is out of range
   */
  public static DataSplit of(
      Path file,
      List<LabeledText> messages,
      long seed,
      boolean groupDuplicates,
      ProblemType problemType)
      throws DataFileException {
    Mt19937.checkSeed(seed); // not the file's fault
    try {
      boolean one = problemType == ProblemType.SINGLE_LABEL_CLASSIFICATION;
      if (one && isHamOrSpam(messages)) {
        return balanced(messages, seed, groupDuplicates);
      }
      if (one) {
        LabelNames.of(messages);
      }
      return shuffled(messages, seed, groupDuplicates);
    } catch (IllegalArgumentException e) {
      throw new DataFileException(file, e.getMessage(), e);
    }
  }

  private static List<LabeledText> labeled(List<LabeledText> messages, String label) {
    return messages.stream().filter(message -> message.label().equals(label)).toList();
  }

  private static List<LabeledText> shuffle(List<LabeledText> messages, long seed) {
    List<LabeledText> order = new ArrayList<>(messages.size());
    for (int row : new Mt19937(seed).permutation(messages.size())) {
      order.add(messages.get(row));
    }
    return order;
  }

  private static DataSplit cut(List<LabeledText> messages, long seed, boolean groupDuplicates) {
    List<LabeledText> rows = shuffle(messages, seed);
    int train = (int) (rows.size() * TRAIN_FRACTION);
    int validation = (int) (rows.size() * VALIDATION_FRACTION);
    int[] sizes = {train, validation, rows.size() - train - validation};
    if (groupDuplicates) {
      List<List<LabeledText>> parts = DuplicateKey.parts(rows, sizes);
      return new DataSplit(parts.get(0), parts.get(1), parts.get(2));
    }
    return new DataSplit(
        rows.subList(0, train),
        rows.subList(train, train + validation),
        rows.subList(train + validation, rows.size()));
  }
}
