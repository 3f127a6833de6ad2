package org.gpt2j.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * The order of rank_pattern and alpha_pattern in a file. The first pattern that matches a module
 * counts, but what writes adapter_config.json, here and in peft, sorts the keys.
 */
final class PatternOrder {
  private PatternOrder() {}

  /**
   * The patterns as they can be written: as they are where the order makes no difference, else each
   * module's own name in their place.
   *
   * @param targets full names of the adapted modules
   * @param value what the patterns give a module
   */
  static <T> Map<String, T> inFile(
      Map<String, T> patterns, List<String> targets, BiFunction<String, RegexSteps, T> value) {
    Map<String, T> sorted = new TreeMap<>(patterns);
    RegexSteps steps = new RegexSteps();
    Map<String, T> own = new LinkedHashMap<>();
    boolean same = true;
    List<PythonRegex> keys =
        sorted.keySet().stream().map(k -> LoraConfig.compilePatternKey("pattern", k)).toList();
    for (String module : targets) {
      T wanted = value.apply(module, steps);
      own.put(module, wanted);
      for (PythonRegex key : keys) {
        if (key.match(module, steps)) {
          same &= sorted.get(key.text()).equals(wanted);
          break;
        }
      }
    }
    return same ? patterns : own;
  }
}
