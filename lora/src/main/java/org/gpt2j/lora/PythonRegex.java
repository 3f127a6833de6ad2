package org.gpt2j.lora;

import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.gpt2j.io.Printable;

/**
 * A regular expression of Python's {@code re}, as peft's options have them, matched by Java's. What
 * means the same in both, or can be written so for Java, is taken; all else is refused (see {@link
 * PythonRegexSyntax}). The texts are module names, which are ASCII: so \d, \w, \s and case are
 * those of ASCII. An expression has 10,000 characters at most, and its matches are counted in
 * {@link RegexSteps}. Immutable.
 */
final class PythonRegex {
  private static final int LONGEST = 10_000;
  private static final int SHOWN = 80;

  private final String option;
  private final String text;
  private final Pattern pattern;
  private final Map<String, Integer> groups;

  private PythonRegex(String option, String text, Pattern pattern, Map<String, Integer> groups) {
    this.option = option;
    this.text = text;
    this.pattern = pattern;
    this.groups = groups;
  }

  /**
   * Compiles an expression.
   *
   * @param option key of the option that it is the value of, for errors
   * @throws IllegalArgumentException naming option and expression, if it is none of Python's, means
   *     something else in Java or is too long
   */
  static PythonRegex compile(String option, String text) {
    return compile(option, "", text, "");
  }

  /**
   * Compiles an expression that peft puts between others.
   *
   * @param option key of the option that it is the value of, for errors
   * @param before what peft writes before it
   * @param after what peft writes after it
   * @throws IllegalArgumentException naming option and expression, if it is none of Python's, means
   *     something else in Java or is too long, alone or between the others
   */
  static PythonRegex compile(String option, String before, String text, String after) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "%s: expected a regular expression of at most %s characters, found %s"
              .formatted(option, LONGEST, text.length()));
    }
    try {
      PythonRegexSyntax syntax = PythonRegexSyntax.parse(before + text + after);
      return new PythonRegex(option, text, Pattern.compile(syntax.java()), syntax.groups());
    } catch (PatternSyntaxException e) {
      throw refused(option, text, e.getDescription(), e);
    } catch (StackOverflowError e) {
      throw refused(option, text, "groups in groups, too deep", e);
    }
  }

  private static IllegalArgumentException refused(
      String option, String text, String why, Throwable cause) {
    return new IllegalArgumentException(
        "%s: expected a regular expression, found \"%s\": %s".formatted(option, shown(text), why),
        cause);
  }

  private static String shown(String text) {
    return Printable.line(text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text);
  }

  /** The expression as it was given. */
  String text() {
    return text;
  }

  /**
   * Python's re.fullmatch: whether the expression matches all of a name.
   *
   * @throws IllegalArgumentException naming option and expression, if that takes too many steps
   */
  boolean fullMatch(String name, RegexSteps steps) {
    return find(name, steps, Matcher::matches).isPresent();
  }

  /**
   * Python's re.match: whether the expression matches the start of a name.
   *
   * @throws IllegalArgumentException naming option and expression, if that takes too many steps
   */
  boolean match(String name, RegexSteps steps) {
    return find(name, steps, Matcher::lookingAt).isPresent();
  }

  /**
   * What a group has of a name where the expression matches its start, as by Python's re.match;
   * empty where it does not, or where the group has no part in it.
   *
   * @param group the group's name
   * @throws IllegalArgumentException naming option and expression, if that takes too many steps
   */
  Optional<String> match(String name, String group, RegexSteps steps) {
    return find(name, steps, Matcher::lookingAt).map(m -> m.group(groups.get(group)));
  }

  private Optional<Matcher> find(String name, RegexSteps steps, Predicate<Matcher> how) {
    Matcher matcher = pattern.matcher(new CountedText(name, 0, name.length(), steps));
    try {
      return how.test(matcher) ? Optional.of(matcher) : Optional.empty();
    } catch (RegexSteps.Exhausted | StackOverflowError e) {
      throw refused(option, text, "too many steps to match it with " + name, e);
    }
  }

  /** A text that counts how often a character of it is looked at. */
  private record CountedText(String text, int start, int end, RegexSteps steps)
      implements CharSequence {
    @Override
    public int length() {
      return end - start;
    }

    @Override
    public char charAt(int index) {
      steps.take();
      return text.charAt(start + index);
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return new CountedText(text, start + from, start + to, steps);
    }

    @Override
    public String toString() {
      return text.substring(start, end);
    }
  }
}
