package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DuplicateKeyTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "See you at 8!|see  you, at 10",
        "WIN £1,000 now: call 09061701461|win £500 now... Call 0800 123 456",
        "ｗｉｎ ﬁve①|WIN FIVE1",
        "don't|DONT",
        "caf\u00e9|cafe\u0301",
        "\u0661\u0662 x|7 X"
      })
  void isTheSameForTextsThatDifferInFormOnly(String a, String b) {
    assertThat(DuplicateKey.of(a)).isEqualTo(DuplicateKey.of(b));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"see you|see me", "win 5|win", "cafe|café", ":)|:(", "कि|की", "😂|👍"})
  void isAnotherForOtherTexts(String a, String b) {
    assertThat(DuplicateKey.of(a)).isNotEqualTo(DuplicateKey.of(b));
  }

  /** Every text has copies in other forms, many or few. */
  private static List<LabeledText> copies() {
    List<LabeledText> messages = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String word = Integer.toString(i, 2).replace('0', 'o').replace('1', 'l');
      for (int copy = 0; copy <= i % 4; copy++) {
        messages.add(new LabeledText("class" + i % 3, word + " " + copy));
      }
    }
    return messages;
  }

  private static void assertNoKeyInTwoParts(DataSplit split) {
    Map<String, Integer> partOf = new HashMap<>();
    List<List<LabeledText>> parts = List.of(split.train(), split.validation(), split.test());
    for (int part = 0; part < parts.size(); part++) {
      for (LabeledText message : parts.get(part)) {
        Integer before = partOf.put(DuplicateKey.of(message.text()), part);
        assertThat(before).as(message.text()).isIn(null, part);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 123, 4294967295L})
  void keepsGroupsOfAnyClassesTogether(long seed) {
    List<LabeledText> messages = copies();
    DataSplit split = DataSplit.shuffled(messages, seed, true);
    assertNoKeyInTwoParts(split);
    assertThat(split).isEqualTo(DataSplit.shuffled(messages, seed, true));
    List<LabeledText> all = new ArrayList<>(split.train());
    all.addAll(split.validation());
    all.addAll(split.test());
    assertThat(all).containsExactlyInAnyOrderElementsOf(messages);
    assertThat(split.train()).hasSize(105);
    assertThat(split.validation()).hasSize(15);
    assertThat(split.labels()).containsExactly("class0", "class1", "class2");
  }

  @Test
  void withoutDuplicatesTheRowsAreThoseOfThePlainSplit() {
    List<LabeledText> messages =
        IntStream.range(0, 50)
            .mapToObj(i -> new LabeledText(i % 2 == 0 ? "ham" : "spam", "x".repeat(i + 1)))
            .toList();
    assertThat(DataSplit.balanced(messages, 7, true))
        .isEqualTo(DataSplit.balanced(messages, 7, false));
    assertThat(DataSplit.shuffled(messages, 7, true))
        .isEqualTo(DataSplit.shuffled(messages, 7, false))
        .isNotEqualTo(DataSplit.shuffled(messages, 8, false));
  }

  @Test
  void refusesGroupsThatFillNoThreeParts() {
    List<LabeledText> messages =
        IntStream.range(0, 20).mapToObj(i -> new LabeledText("a", "same " + i)).toList();
    assertThatThrownBy(() -> DataSplit.shuffled(messages, 1, true))
        .hasMessage("expected enough different messages for 3 parts, found 1 in 20 messages");
    assertThatThrownBy(() -> DataSplit.shuffled(messages.subList(0, 9), 1, false))
        .hasMessage("expected at least 10 messages, found 9");
  }

  @ParameterizedTest
  @ValueSource(longs = {123, 0, 7, 42})
  void realCollectionHasNoTextInTwoParts(long seed) throws IOException {
    List<LabeledText> messages = SmsSpamCollection.read(Fixtures.uciCollection(), false);
    DataSplit split = DataSplit.balanced(messages, seed, true);
    assertNoKeyInTwoParts(split);
    Offset<Integer> few = Offset.offset(3);
    assertThat(split.train().size()).isCloseTo(1045, few);
    assertThat(split.validation().size()).isCloseTo(149, few);
    assertThat(split.test().size()).isCloseTo(300, few);
    for (List<LabeledText> part : List.of(split.train(), split.validation(), split.test())) {
      double spam = part.stream().filter(message -> message.label().equals("spam")).count();
      assertThat(spam / part.size()).isBetween(0.4, 0.6);
    }
    DataSplit plain = DataSplit.balanced(messages, seed, false);
    Set<String> trained =
        plain.train().stream()
            .map(message -> DuplicateKey.of(message.text()))
            .collect(Collectors.toCollection(HashSet::new));
    long leaked =
        plain.test().stream()
            .filter(message -> trained.contains(DuplicateKey.of(message.text())))
            .count();
    System.out.printf(
        "seed %d: %d of %d test messages are copies of training messages without grouping; grouped:"
            + " %d/%d/%d%n",
        seed,
        leaked,
        plain.test().size(),
        split.train().size(),
        split.validation().size(),
        split.test().size());
    assertThat(leaked).isPositive();
  }
}
