package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenMatcherTest {
  private static int[] slowly(List<String> patterns, String text) {
    int[] found = new int[text.length()];
    Arrays.fill(found, TokenMatcher.NONE);
    for (int at = 0; at < text.length(); at++) {
      for (int i = patterns.size() - 1; i >= 0; i--) {
        String pattern = patterns.get(i);
        boolean better =
            found[at] == TokenMatcher.NONE || pattern.length() >= patterns.get(found[at]).length();
        if (text.startsWith(pattern, at) && better) {
          found[at] = i;
        }
      }
    }
    return found;
  }

  private static String random(Random random, int longest) {
    StringBuilder text = new StringBuilder();
    for (int length = 1 + random.nextInt(longest); length > 0; length--) {
      text.append((char) ('a' + random.nextInt(3)));
    }
    return text.toString();
  }

  @Test
  void findsTheLongestAtEachPlace() {
    Random random = new Random(11);
    for (int round = 0; round < 3000; round++) {
      int count = random.nextInt(8);
      List<String> patterns = IntStream.range(0, count).mapToObj(i -> random(random, 6)).toList();
      String text = random(random, 40);
      int[] expected = slowly(patterns, text);
      int[] found = new TokenMatcher(patterns).longestFrom(text);
      if (found == null) {
        assertThat(expected).containsOnly(TokenMatcher.NONE);
      } else {
        assertThat(found).as(patterns + " in " + text).isEqualTo(expected);
      }
    }
  }

  /** Tried one by one, or from each place anew, these would take hours. */
  @Test
  void takesNoLongerForManyOrLongStrings() {
    String text = "a".repeat(1 << 20);
    String almost = text + "b";
    assertThat(new TokenMatcher(List.of(almost)).longestFrom(text)).isNull();
    assertThat(new TokenMatcher(List.of("b" + text)).longestFrom(text)).isNull();
    List<String> many =
        IntStream.range(0, 10_000).mapToObj(i -> "a".repeat(i % 100) + "<" + i + ">").toList();
    TokenMatcher matcher = new TokenMatcher(many);
    assertThat(matcher.longestFrom(text)).isNull();
    int[] found = matcher.longestFrom(text + "<0>");
    assertThat(found).hasSize(text.length() + 3).endsWith(0, -1, -1);
  }
}
