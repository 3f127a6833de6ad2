package org.gpt2j.lora;

import java.util.List;
import java.util.Optional;

/**
 * Which layers have modules with adapters: peft's layers_to_transform and layers_pattern. A layer's
 * index is the number after the part of a module's name that the pattern matches, or after any part
 * where there is no pattern: 1 in transformer.h.1.attn.c_attn. Immutable.
 */
final class LayerSelection {
  private static final String INDEX = "\\.(?P<idx>\\d+)\\.";

  private final List<Integer> layers;
  private final List<PythonRegex> patterns;

  /**
   * @param layers indices; empty for all layers
   * @param patterns names of the list of layers, such as h, as regular expressions; empty for any
   * @throws IllegalArgumentException naming the pattern, if it is no regular expression
   */
  LayerSelection(List<Integer> layers, List<String> patterns) {
    this.layers = layers;
    this.patterns =
        patterns.isEmpty()
            ? List.of(PythonRegex.compile("layers_pattern", ".*?\\.[^.]*" + INDEX))
            : patterns.stream()
                .map(p -> PythonRegex.compile("layers_pattern", "(?:^|.*?\\.)", p, INDEX))
                .toList();
  }

  /** Whether a module of this full name lies in one of the layers. */
  boolean contains(String module, RegexSteps steps) {
    if (layers.isEmpty()) {
      return true;
    }
    Optional<String> index =
        patterns.stream()
            .map(p -> p.match(module, "idx", steps))
            .flatMap(Optional::stream)
            .findFirst();
    return index.isPresent() && layers.contains(Integer.valueOf(index.get()));
  }
}
