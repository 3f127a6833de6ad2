package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Gpt2SplitterTest {
  private static final Pattern GPT2 =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private static List<String> byRegex(String text) {
    return GPT2.matcher(text).results().map(r -> r.group()).toList();
  }

  private static List<String> bySplitter(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    List<String> pieces = new ArrayList<>();
    for (int start = 0; start < bytes.length; ) {
      int end = Gpt2Splitter.pieceEnd(bytes, start);
      pieces.add(new String(bytes, start, end - start, StandardCharsets.UTF_8));
      start = end;
    }
    return pieces;
  }

  @Test
  void cutsAsDocumented() {
    assertThat(bySplitter("I'll  pay \u00a3100,\n\n ok? "))
        .isEqualTo(
            List.of("I", "'ll", " ", " pay", " \u00a3", "100", ",", "\n\n", " ok", "?", " "));
    assertThat(bySplitter("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "a%s", " %s%s", "1%s 1", "%s  %s", "'%ss'", "\n%s\n", "!%s!"})
  void agreesWithTheRegularExpressionOnAllCodePoints(String context) {
    Matcher matcher = GPT2.matcher("");
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        continue;
      }
      String text = context.replace("%s", Character.toString(c));
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      int start = 0;
      int chars = 0;
      for (matcher.reset(text); matcher.find(); ) {
        int end = Gpt2Splitter.pieceEnd(bytes, start);
        chars += new String(bytes, start, end - start, StandardCharsets.UTF_8).length();
        if (chars != matcher.end()) {
          assertThat(bySplitter(text)).as(Golden.show(text)).isEqualTo(byRegex(text));
        }
        start = end;
      }
      assertThat(start).isEqualTo(bytes.length);
    }
  }

  @Test
  void agreesWithTheRegularExpressionOnRandomTexts() {
    RandomTexts texts = new RandomTexts(11);
    for (int i = 0; i < 20_000; i++) {
      String text = texts.next();
      assertThat(bySplitter(text)).as(Golden.show(text)).isEqualTo(byRegex(text));
    }
  }
}
