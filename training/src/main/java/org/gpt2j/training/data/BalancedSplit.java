package org.gpt2j.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A data set with as many ham as spam messages, cut into 70% train, 10% validation and 20% test.
 *
 * @param train the first 70%, rounded down
 * @param validation the next 10%, rounded down
 * @param test the rest
 */
public record BalancedSplit(
    List<LabeledText> train, List<LabeledText> validation, List<LabeledText> test) {
  private static final double TRAIN_FRACTION = 0.7;
  private static final double VALIDATION_FRACTION = 0.1;

  /** Copies the lists, so that the split cannot change. */
  public BalancedSplit {
    train = List.copyOf(train);
    validation = List.copyOf(validation);
    test = List.copyOf(test);
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
   * @param messages all messages, in the order of their file
   * @param seed 0 to 4294967295; used afresh for each of the two draws, as above
   * @throws IllegalArgumentException if there are fewer ham than spam messages, fewer than 5 spam
   *     messages (a part would be empty), or the seed is out of range
   */
  public static BalancedSplit of(List<LabeledText> messages, long seed) {
    List<LabeledText> ham = labeled(messages, "ham");
    List<LabeledText> spam = labeled(messages, "spam");
    String problem = problem(ham, spam);
    if (problem != null) {
      throw new IllegalArgumentException(problem);
    }
    Stream<LabeledText> hamSubset = shuffled(ham, seed).limit(spam.size());
    List<LabeledText> balanced = Stream.concat(hamSubset, spam.stream()).toList();
    List<LabeledText> rows = shuffled(balanced, seed).toList();
    int trainEnd = (int) (rows.size() * TRAIN_FRACTION);
    int validationEnd = trainEnd + (int) (rows.size() * VALIDATION_FRACTION);
    return new BalancedSplit(
        rows.subList(0, trainEnd),
        rows.subList(trainEnd, validationEnd),
        rows.subList(validationEnd, rows.size()));
  }

  /**
   * The same with the messages of a file, see {@link SmsSpamCollection#read}.
   *
   * @throws DataFileException naming the file if it cannot be read or has too few messages
   */
  public static BalancedSplit of(Path file, boolean pandasQuoting, long seed) throws IOException {
    List<LabeledText> messages = SmsSpamCollection.read(file, pandasQuoting);
    String problem = problem(labeled(messages, "ham"), labeled(messages, "spam"));
    if (problem != null) {
      throw new DataFileException(file, problem);
    }
    return of(messages, seed);
  }

  /** Why there are too few messages, null if there are enough. */
  private static String problem(List<LabeledText> ham, List<LabeledText> spam) {
    if (ham.size() >= spam.size() && spam.size() >= 5) {
      return null;
    }
    return "expected at least 5 spam messages and no fewer ham than spam, found "
        + ham.size()
        + " ham and "
        + spam.size()
        + " spam";
  }

  private static List<LabeledText> labeled(List<LabeledText> messages, String label) {
    return messages.stream().filter(message -> message.label().equals(label)).toList();
  }

  private static Stream<LabeledText> shuffled(List<LabeledText> messages, long seed) {
    List<LabeledText> order = new ArrayList<>(messages.size());
    for (int row : new Mt19937(seed).permutation(messages.size())) {
      order.add(messages.get(row));
    }
    return order.stream();
  }
}
