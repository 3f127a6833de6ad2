package org.gpt2j.lora;

import java.util.List;

/**
 * Modules of a model, in one of peft's two forms: a list names modules or the ends of their names
 * after a dot; a string is a regular expression of Python's for the whole name. Immutable.
 */
public final class ModuleNames {
  private final List<String> names;
  private final PythonRegex regex;

  private ModuleNames(List<String> names, PythonRegex regex) {
    this.names = names;
    this.regex = regex;
  }

  /** Modules by name, such as c_attn or h.0.mlp.c_proj; may be empty, which is none. */
  public static ModuleNames named(List<String> names) {
    return new ModuleNames(List.copyOf(names), null);
  }

  /**
   * Modules whose whole name, such as transformer.h.0.mlp.c_proj, matches an expression.
   *
   * @param option key of the option that it is the value of, for errors
   * @throws IllegalArgumentException naming option and expression, if it is none of Python's, means
   *     something else in Java or has more than 10,000 characters
   */
  public static ModuleNames matching(String option, String regex) {
    return new ModuleNames(null, PythonRegex.compile(option, regex));
  }

  /** Whether a module of this full name (with `transformer.`) is meant. */
  boolean contain(String module, RegexSteps steps) {
    return names != null
        ? names.stream().anyMatch(n -> module.equals(n) || module.endsWith("." + n))
        : regex.fullMatch(module, steps);
  }

  /** The names of the list form, null for an expression. */
  List<String> names() {
    return names;
  }

  /** The names in square brackets, or the expression. */
  @Override
  public String toString() {
    return names != null ? names.toString() : regex.text();
  }
}
