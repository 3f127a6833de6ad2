package org.gpt2j.lora;

import java.util.List;

/**
 * Which modules get an adapter. As in peft, a list names modules or the ends of their names after a
 * dot; a string is a regular expression for the whole name; `all-linear` is every Conv1D.
 */
public final class TargetModules {
  static final String ALL_LINEAR = "all-linear";

  private final ModuleNames modules;

  private TargetModules(ModuleNames modules) {
    this.modules = modules;
  }

  /** Modules by name, such as c_attn or h.0.mlp.c_proj. */
  public static TargetModules named(List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("target_modules: expected at least one name, found none");
    }
    return new TargetModules(ModuleNames.named(names));
  }

  /** Every affine map of the trunk. */
  public static TargetModules allLinear() {
    return new TargetModules(null);
  }

  /** peft's string form: `all-linear` in any case, or a regular expression. */
  public static TargetModules parse(String text) {
    if (text.equalsIgnoreCase(ALL_LINEAR)) {
      return allLinear();
    }
    return new TargetModules(ModuleNames.matching("target_modules", text));
  }

  /** Whether a module of this full name (with `transformer.`) is meant. */
  boolean matches(String module, RegexSteps steps) {
    return modules == null || modules.contain(module, steps);
  }

  /** Whether a module has this name and no other: a part of a name is not enough. */
  boolean hasFullName(String module) {
    return names() != null && names().contains(module);
  }

  /** Whether everything but the head is meant, whatever its type. */
  boolean isAllLinear() {
    return modules == null;
  }

  /** The names of the list form, null for the others. */
  List<String> names() {
    return modules == null ? null : modules.names();
  }

  @Override
  public String toString() {
    return modules == null ? ALL_LINEAR : modules.toString();
  }
}
