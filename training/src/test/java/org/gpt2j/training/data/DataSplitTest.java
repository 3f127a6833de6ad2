package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataSplitTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "plain, 123",
    "plain, 0",
    "plain, 4294967295",
    "pandas, 123",
    "pandas, 0",
    "pandas, 4294967295"
  })
  void smallFileHasTheRowsAndBytesOfPandas(String quoting, long seed) throws IOException {
    checkAgainstPandas("small", Fixtures.path("small-sms.tsv"), quoting, seed);
  }

  @ParameterizedTest
  @CsvSource({
    "plain, 123",
    "plain, 0",
    "plain, 4294967295",
    "pandas, 123",
    "pandas, 0",
    "pandas, 4294967295"
  })
  void uciFileHasTheRowsAndBytesOfPandas(String quoting, long seed) throws IOException {
    DataSplit split = checkAgainstPandas("uci", Fixtures.uciCollection(), quoting, seed);
    assertThat(split.train()).hasSize(1045);
    assertThat(split.validation()).hasSize(149);
    assertThat(split.test()).hasSize(300);
  }

  private DataSplit checkAgainstPandas(String name, Path file, String quoting, long seed)
      throws IOException {
    List<LabeledText> messages = SmsSpamCollection.read(file, quoting.equals("pandas"));
    // By identity: the UCI file has equal messages in several rows.
    Map<LabeledText, Integer> rowOf = new IdentityHashMap<>();
    for (LabeledText message : messages) {
      rowOf.put(message, rowOf.size());
    }
    DataSplit split = DataSplit.balanced(messages, seed, false);
    SplitFiles.write(directory, split);
    Map<String, List<LabeledText>> parts =
        Map.of("train", split.train(), "validation", split.validation(), "test", split.test());
    int checked = 0;
    for (String[] golden : Fixtures.rows("splits.tsv")) {
      if (!golden[0].equals(name) || !golden[1].equals(quoting) || !isSeed(golden[2], seed)) {
        continue;
      }
      String part = golden[3];
      String rows =
          parts.get(part).stream()
              .map(message -> rowOf.get(message).toString())
              .collect(Collectors.joining(","));
      assertThat(rows).as(part).isEqualTo(golden[5]);
      Path csv = directory.resolve(part + ".csv");
      assertThat(Fixtures.sha256(Files.readString(csv))).as(part).isEqualTo(golden[4]);
      assertThat(SplitFiles.read(csv)).as(part).isEqualTo(parts.get(part));
      checked++;
    }
    assertThat(checked).isEqualTo(3);
    return split;
  }

  private static boolean isSeed(String text, long seed) {
    return Long.parseLong(text) == seed;
  }

  private static List<LabeledText> messages(int ham, int spam) {
    List<LabeledText> messages = new ArrayList<>();
    for (int i = 0; i < ham; i++) {
      messages.add(new LabeledText("ham", "ham " + i));
    }
    for (int i = 0; i < spam; i++) {
      messages.add(new LabeledText("spam", "spam " + i));
    }
    return messages;
  }

  @Test
  void smallestSplitHasNoEmptyPart() {
    DataSplit split = DataSplit.balanced(messages(5, 5), 123, false);
    assertThat(split.train()).hasSize(7);
    assertThat(split.validation()).hasSize(1);
    assertThat(split.test()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"4, 5", "5, 4", "0, 0", "100, 0", "0, 100"})
  void refusesTooFewMessages(int ham, int spam) {
    assertThatThrownBy(() -> DataSplit.balanced(messages(ham, spam), 123, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "expected at least 5 spam messages and no fewer ham than spam, found %d ham and %d spam",
            ham, spam);
  }

  @Test
  void moreToTrainLeavesOutDuplicatesOfWhatIsMeasuredWith() {
    DataSplit split =
        new DataSplit(
            List.of(new LabeledText("ham", "one")),
            List.of(new LabeledText("spam", "Win 100 now!")),
            List.of(new LabeledText("ham", "see you at 8")));
    LabeledText added = new LabeledText("spam", "Win a car");
    DataSplit more =
        split.withMoreToTrain(
            List.of(
                new LabeledText("spam", "WIN 250, now"),
                added,
                new LabeledText("ham", "See you at 9!"),
                new LabeledText("ham", "one")));
    assertThat(more.train())
        .containsExactly(split.train().get(0), added, new LabeledText("ham", "one"));
    assertThat(more.validation()).isEqualTo(split.validation());
    assertThat(more.test()).isEqualTo(split.test());
  }
}
