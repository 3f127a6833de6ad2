package org.gpt2j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against Python's re: make_python_regex.py. */
class PythonRegexTest {
  private static JsonNode fixture;
  private static List<String> names;

  @BeforeAll
  static void read() throws IOException {
    fixture = new ObjectMapper().readTree(Fixture.path("python_regex/python_regex.json").toFile());
    names = strings(fixture.get("names"));
  }

  private static List<String> strings(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::textValue).toList();
  }

  private static List<String> matches(PythonRegex regex) {
    return names.stream().filter(n -> regex.fullMatch(n, new RegexSteps())).toList();
  }

  @Test
  void matchesWhatPythonMatches() {
    JsonNode cases = fixture.get("fullmatch");
    assertThat(cases).hasSizeGreaterThan(100);
    for (JsonNode c : cases) {
      String pattern = c.get("pattern").textValue();
      assertThat(matches(PythonRegex.compile("key", pattern)))
          .as(pattern)
          .isEqualTo(strings(c.get("matches")));
    }
  }

  @Test
  void matchesBetweenBracketsWhatPythonMatches() {
    for (JsonNode c : fixture.get("wrapped")) {
      String pattern = c.get("pattern").textValue();
      PythonRegex regex = PythonRegex.compile("key", "(.*\\.)?(", pattern, ")$");
      assertThat(names.stream().filter(n -> regex.match(n, new RegexSteps())).toList())
          .as(pattern)
          .isEqualTo(strings(c.get("matches")));
    }
  }

  @Test
  void whatPythonRefusesIsRefused() {
    List<String> taken = new ArrayList<>();
    for (String pattern : strings(fixture.get("errors"))) {
      try {
        PythonRegex.compile("key", pattern);
        taken.add(pattern);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageStartingWith("key: expected a regular expression, found \"");
      }
    }
    for (String pattern : strings(fixture.get("wrapped_errors"))) {
      try {
        PythonRegex.compile("key", "(.*\\.)?(", pattern, ")$");
        taken.add(pattern);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageStartingWith("key: expected a regular expression, found \"");
      }
    }
    assertThat(taken).isEmpty();
  }

  /** Of Python, with another meaning in Java or none: named. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "(a)?(?(1)b) | conditions (?(..)..) are not supported",
        "(?x)a b | the flag x is not supported",
        "(?x:a b) | the flag x is not supported",
        "\\07 | \\0 is not of Python, or not supported",
        "[\\07] | \\0 is not of Python, or not supported",
        "(a)\\10 | a reference of two digits, or an octal escape",
        "\\N{DIGIT ONE} | \\N is not of Python, or not supported",
        "\\U00000061 | \\U is not of Python, or not supported",
        "(?P<é>a) | a group without a name in ASCII letters",
        "a{1000000000000} | a repetition of more than 9 digits",
        "(?<n>a) | (?< is not of Python, or not at the start",
        "a\\Q.\\E | \\Q is not of Python, or not supported",
        "[\\p{L}] | \\p is not of Python, or not supported",
        "c_attn( | Unclosed group",
        "* | Dangling meta character '*'"
      })
  void whatIsOtherwiseInJavaIsNamed(String pattern, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PythonRegex.compile("target_modules", pattern))
        .withMessage(
            "target_modules: expected a regular expression, found \"" + pattern + "\": " + why);
  }

  @Test
  void groupsHaveTheirNames() {
    PythonRegex regex = PythonRegex.compile("key", "(a)?(?P<layer_1>b+)(?P<other>c)?.*");
    assertThat(regex.match("abbd", "layer_1", new RegexSteps())).contains("bb");
    assertThat(regex.match("abbd", "other", new RegexSteps())).isEmpty();
    assertThat(regex.match("d", "layer_1", new RegexSteps())).isEmpty();
  }

  /** Each would go on for ever where nobody counts. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        ".*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*X",
        "((((.*)*)*)*)*X",
        "(?:(?:(?:(?:){1000}){1000}){1000}){1000}X",
        "(?:){999999999}X",
        "(.*)(?:.*\\1.*)*(?:.*\\1.*)*(?:.*\\1.*)*X",
        "(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)X",
        ".*(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)X",
        ".*(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)"
            + "(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)(a?|b?)X"
      })
  void stepsAreCounted(String pattern) {
    PythonRegex regex = PythonRegex.compile("rank_pattern", pattern);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> regex.fullMatch("transformer.h.0.attn.c_attn", new RegexSteps()))
        .withMessageStartingWith("rank_pattern: expected a regular expression, found \"")
        .withMessageEndingWith("too many steps to match it with transformer.h.0.attn.c_attn");
  }

  /** What Java may see through, or not: no name matches, or a sentence says why not. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(.*)*(.*)*(.*)*(.*)*(.*)*X",
        "(?:.|.)*X",
        "(?:a?b?r?t?n?s?f?o?m?e?)*(?:.|t|r|a)*(?:.|t|r|a)*X",
        "(?:(?:(?:a?){1000}){1000}){1000}X",
        ".*(?:(?:(?:a?){1000}){1000}){1000}X",
        "(?=(?:.|.)*X)a"
      })
  void noneHangs(String pattern) {
    matchOrRefuse(pattern);
  }

  @Test
  void lengthAndDepthAreBounded() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PythonRegex.compile("rank_pattern", "a".repeat(1_000_000)))
        .withMessage(
            "rank_pattern: expected a regular expression of at most 10000 characters, found"
                + " 1000000");
    for (String deep :
        List.of(
            "(".repeat(4999) + "a" + ")".repeat(4999),
            "(?:".repeat(1900) + "a" + ")*".repeat(1900),
            "(?=".repeat(2400) + "a" + ")".repeat(2400),
            "(a|".repeat(2400) + "a" + ")".repeat(2400))) {
      matchOrRefuse(deep);
    }
    // As deep as it gets, and honest.
    String nested = "(".repeat(50) + "aa" + ")".repeat(50);
    assertThat(matches(PythonRegex.compile("key", nested))).containsExactly("aa");
  }

  /** Neither hangs nor throws anything but a sentence; how deep the stack is, is the JVM's. */
  private static void matchOrRefuse(String pattern) {
    try {
      assertThat(PythonRegex.compile("key", pattern).fullMatch("score", new RegexSteps()))
          .isFalse();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageStartingWith("key: expected a regular expression, found \"");
    }
  }
}
