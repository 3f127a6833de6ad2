package org.gpt2j.training.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.gpt2j.io.Printable;
import org.gpt2j.model.ProblemType;

/**
 * The classes that the labels of a table are to mean: those of a model, those of other data, or
 * any. Labels that differ only in case and in space around them mean one class. Where several
 * classes of a text may hold ({@link MultiLabel}) that is so of each name in a label, and an empty
 * label is one of no class; of a regression labels are numbers ({@link RegressionLabel}).
 */
public final class KnownLabels {
  /** Space of any width, which Python's strip takes away too, and what has none at all. */
  private static final Pattern BLANK_ENDS =
      Pattern.compile(
          "^[\\s\\u200B\\u2060\\uFEFF]+|[\\s\\u200B\\u2060\\uFEFF]+$",
          Pattern.UNICODE_CHARACTER_CLASS);

  /** A class by its number, as pandas writes it, also where a column has gaps. */
  private static final Pattern ID = Pattern.compile("([0-9]{1,9})(?:\\.0)?");

  private static final int MAX_SHOWN = 20;

  private final List<String> names;
  private final String expected;
  private final boolean ids;
  private final ProblemType problemType;

  private KnownLabels(List<String> names, String expected, boolean ids, ProblemType problemType) {
    this.names = names;
    this.expected = expected;
    this.ids = ids;
    this.problemType = problemType;
  }

  /** Every label is a class of its own, under the spelling that most rows have. */
  public static KnownLabels any() {
    return any(ProblemType.SINGLE_LABEL_CLASSIFICATION);
  }

  /**
   * Every name is a class of its own, under the spelling that most rows have; of a regression every
   * number is a label.
   *
   * @param problemType what a label is
   */
  public static KnownLabels any(ProblemType problemType) {
    return problemType == ProblemType.REGRESSION
        ? regression(List.of())
        : new KnownLabels(List.of(), "any label", false, problemType);
  }

  private static KnownLabels regression(List<String> outputs) {
    String numbers = outputs.size() < 2 ? "a number" : outputs.size() + " numbers parted by |";
    return new KnownLabels(
        outputs, numbers + ", as problem_type is regression", false, ProblemType.REGRESSION);
  }

  /**
   * No classes but these. A whole number is the class with that id, counted from 0: of ham and spam
   * always 0 for ham and 1 for spam. Where names are whole numbers themselves, it is that name
   * alone.
   *
   * @param names in the order of their ids
   * @param whose they are, in words that go on after "a label of": the model
   */
  public static KnownLabels of(List<String> names, String whose) {
    return of(names, whose, ProblemType.SINGLE_LABEL_CLASSIFICATION);
  }

  /**
   * No classes but these. A whole number is the class with that id, counted from 0: of ham and spam
   * always 0 for ham and 1 for spam. Where names are whole numbers themselves, it is that name
   * alone. Of a regression as many numbers as there are names are a label.
   *
   * @param names in the order of their ids
   * @param whose they are, in words that go on after "a label of": the model
   * @param problemType what a label is
   */
  public static KnownLabels of(List<String> names, String whose, ProblemType problemType) {
    if (problemType == ProblemType.REGRESSION) {
      return regression(List.copyOf(names));
    }
    List<String> shown = names.stream().limit(MAX_SHOWN).map(Printable::line).toList();
    String more = names.size() > MAX_SHOWN ? ", ...]" : "]";
    String expected = "a label of " + whose + " [" + String.join(", ", shown) + more;
    return new KnownLabels(List.copyOf(names), expected, true, problemType);
  }

  /**
   * Ham and spam.
   *
   * @param ids whether 0 and 1 mean them too
   */
  static KnownLabels hamOrSpam(boolean ids) {
    return new KnownLabels(
        SmsSpamCollection.ID2LABEL,
        "the label ham or spam",
        ids,
        ProblemType.SINGLE_LABEL_CLASSIFICATION);
  }

  /** Whether there are no labels but those that are known. */
  boolean isClosed() {
    return !names.isEmpty() || problemType == ProblemType.REGRESSION;
  }

  /** Whether the labels of a file that is all ham and spam are to mean these. */
  boolean mayMeanHamOrSpam() {
    return !isClosed() && problemType == ProblemType.SINGLE_LABEL_CLASSIFICATION;
  }

  /** Whether nothing is a label, too. */
  boolean takesNothing() {
    return problemType == ProblemType.MULTI_LABEL_CLASSIFICATION;
  }

  /** Whether a field is a label that is known, or ham or spam. */
  boolean isName(String field) {
    return switch (problemType) {
      case SINGLE_LABEL_CLASSIFICATION -> isOneName(field);
      case MULTI_LABEL_CLASSIFICATION -> {
        List<String> parts = MultiLabel.parse(field);
        yield !parts.isEmpty() && parts.stream().allMatch(this::isOneName);
      }
      case REGRESSION -> RegressionLabel.matches(strip(field));
    };
  }

  private boolean isOneName(String field) {
    String folded = fold(field);
    return SmsSpamCollection.ID2LABEL.contains(folded)
        || names.stream().anyMatch(name -> fold(name).equals(folded));
  }

  /** Without the space around it. */
  static String strip(String label) {
    return BLANK_ENDS.matcher(label).replaceAll("");
  }

  static String fold(String label) {
    return strip(label).toLowerCase(Locale.ROOT);
  }

  /**
   * What each label means.
   *
   * @param counts how many rows have each spelling, in the order of the file
   * @return the class of each spelling; none for one that means no class
   */
  Map<String, String> classes(Map<String, Integer> counts) {
    return switch (problemType) {
      case SINGLE_LABEL_CLASSIFICATION -> oneClass(counts);
      case MULTI_LABEL_CLASSIFICATION -> severalClasses(counts);
      case REGRESSION -> numbers(counts);
    };
  }

  private Map<String, String> numbers(Map<String, Integer> counts) {
    Map<String, String> numbers = new LinkedHashMap<>();
    counts.keySet().stream()
        .filter(label -> RegressionLabel.matches(strip(label)))
        .filter(label -> names.isEmpty() || MultiLabel.split(label).size() == names.size())
        .forEach(label -> numbers.put(label, strip(label)));
    return numbers;
  }

  private Map<String, String> severalClasses(Map<String, Integer> counts) {
    Map<String, Integer> nameCounts = new LinkedHashMap<>();
    counts.forEach(
        (label, n) ->
            MultiLabel.parse(label).forEach(name -> nameCounts.merge(name, n, Integer::sum)));
    Map<String, String> names = oneClass(nameCounts);
    Map<String, String> classes = new LinkedHashMap<>();
    for (String label : counts.keySet()) {
      List<String> parts = MultiLabel.parse(label);
      if (names.keySet().containsAll(parts)) {
        List<String> known = parts.stream().map(names::get).distinct().toList();
        classes.put(label, known.isEmpty() ? MultiLabel.NONE : MultiLabel.format(known));
      }
    }
    return classes;
  }

  private Map<String, String> oneClass(Map<String, Integer> counts) {
    Map<String, String> classes = new LinkedHashMap<>();
    if (isClosed()) {
      for (String label : counts.keySet()) {
        String name = known(strip(label));
        if (name != null) {
          classes.put(label, name);
        }
      }
      return classes;
    }
    Map<String, Map<String, Integer>> spellings = new LinkedHashMap<>();
    counts.forEach(
        (label, n) ->
            spellings
                .computeIfAbsent(fold(label), key -> new LinkedHashMap<>())
                .merge(strip(label), n, Integer::sum));
    for (String label : counts.keySet()) {
      classes.put(label, mostFrequent(spellings.get(fold(label))));
    }
    return classes;
  }

  /** The first of those with the highest count. */
  private static String mostFrequent(Map<String, Integer> counts) {
    String best = null;
    for (Map.Entry<String, Integer> e : counts.entrySet()) {
      best = best == null || e.getValue() > counts.get(best) ? e.getKey() : best;
    }
    return best;
  }

  private String known(String label) {
    if (names.contains(label)) {
      return label;
    }
    String folded = fold(label);
    List<String> same = names.stream().filter(name -> fold(name).equals(folded)).toList();
    if (!same.isEmpty()) {
      return same.size() == 1 ? same.get(0) : null;
    }
    Matcher number = ID.matcher(label);
    if (!ids || !number.matches()) {
      return null;
    }
    if (names.stream().anyMatch(name -> ID.matcher(name).matches())) { // 5.0 of 1 to 5
      return names.contains(number.group(1)) ? number.group(1) : null;
    }
    int id = Integer.parseInt(number.group(1));
    List<String> inOrder = isHamAndSpam() ? hamFirst() : names;
    return id < inOrder.size() ? inOrder.get(id) : null;
  }

  private boolean isHamAndSpam() {
    return names.size() == 2
        && names.stream().map(KnownLabels::fold).allMatch(SmsSpamCollection.ID2LABEL::contains);
  }

  private List<String> hamFirst() {
    return names.stream().sorted((a, b) -> fold(a).compareTo(fold(b))).toList();
  }

  /** What is wrong with a label that means no class. */
  String problem(String label) {
    return "expected %s, found '%s'".formatted(expected, Excerpt.of(label));
  }

  /**
   * Which spellings were taken for others, in words to tell the user; empty where none was but for
   * space.
   */
  static String readAsOthers(Map<String, String> classes) {
    Set<String> changed = new LinkedHashSet<>();
    classes.forEach(
        (label, name) -> {
          boolean none = name.equals(MultiLabel.NONE); // nothing is read as nothing
          if (!none && !strip(label).equals(name)) {
            changed.add("'" + Excerpt.of(strip(label)) + "' as '" + Excerpt.of(name) + "'");
          }
        });
    List<String> shown = new ArrayList<>(changed);
    int left = shown.size() - MAX_SHOWN;
    String more = left > 0 ? " and " + left + " more" : "";
    return shown.stream().limit(MAX_SHOWN).collect(Collectors.joining(", ")) + more;
  }
}
