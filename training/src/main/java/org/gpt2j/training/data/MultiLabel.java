package org.gpt2j.training.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The classes of a text of which several may hold, as one label: their names with {@code |} between
 * them, such as {@code insult|threat}. A lone {@code |} says that none holds, as does an empty cell
 * of a table.
 */
public final class MultiLabel {
  /** What stands between two names. */
  public static final String SEPARATOR = "|";

  /** The label of a text of no class. */
  public static final String NONE = SEPARATOR;

  private MultiLabel() {}

  /** Names in the order in which they stand, each once, without space around them; perhaps none. */
  public static List<String> parse(String label) {
    return split(label).stream().filter(name -> !name.isEmpty()).distinct().toList();
  }

  /** What stands between the separators, without space around it. */
  public static List<String> split(String label) {
    return Arrays.stream(label.split("\\|", -1)).map(String::strip).toList();
  }

  /** The names as they stand in a cell: nothing where there are none. */
  public static String format(List<String> names) {
    return String.join(SEPARATOR, names);
  }

  /**
   * Names of the classes that hold: those with a probability above one half.
   *
   * @param probabilities one a class
   * @param names one a class
   */
  public static List<String> holding(double[] probabilities, List<String> names) {
    List<String> holding = new ArrayList<>();
    for (int c = 0; c < probabilities.length; c++) {
      if (probabilities[c] > 0.5) {
        holding.add(names.get(c));
      }
    }
    return List.copyOf(holding);
  }
}
