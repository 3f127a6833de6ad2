package org.gpt2j.lora;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which modules get an adapter. As in peft, a list names modules or the ends of their names after a
 * dot; a string is a regular expression for the whole name; `all-linear` is every Conv1D.
 */
public final class TargetModules {
  static final String ALL_LINEAR = "all-linear";

  private final List<String> names;
  private final Pattern regex;

  private TargetModules(List<String> names, Pattern regex) {
    this.names = names;
    this.regex = regex;
  }

  /** Modules by name, such as c_attn or h.0.mlp.c_proj. */
  public static TargetModules named(List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("target_modules: expected at least one name, found none");
    }
    return new TargetModules(List.copyOf(names), null);
  }

  /** Every affine map of the trunk. */
  public static TargetModules allLinear() {
    return new TargetModules(null, null);
  }

  /** peft's string form: `all-linear` in any case, or a regular expression. */
  public static TargetModules parse(String text) {
    if (text.equalsIgnoreCase(ALL_LINEAR)) {
      return allLinear();
    }
    return new TargetModules(null, LoraConfig.compile("target_modules", text));
  }

  /** Whether a module of this full name (with `transformer.`) is meant. */
  boolean matches(String module) {
    if (names != null) {
      return names.stream().anyMatch(n -> module.equals(n) || module.endsWith("." + n));
    }
    return regex == null || regex.matcher(module).matches();
  }

  /** Whether everything but the head is meant, whatever its type. */
  boolean isAllLinear() {
    return names == null && regex == null;
  }

  /** The names of the list form, null for the others. */
  List<String> names() {
    return names;
  }

  @Override
  public String toString() {
    return names != null ? names.toString() : regex == null ? ALL_LINEAR : regex.pattern();
  }
}
