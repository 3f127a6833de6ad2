package org.gpt2j.lora;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Conv1D;
import org.gpt2j.nn.Int8Linear;
import org.gpt2j.nn.PackedLinear;
import org.gpt2j.nn.Parameter;
import org.gpt2j.nn.Projection;

/**
 * The modules of a model that get an adapter, as peft's check_target_module_exists
 * (tuners_utils.py) chooses them: those that target_modules means, without exclude_modules, without
 * what modules_to_save names and what lies in it, and of the wanted layers only.
 */
final class AdaptedModules {
  private final LoraConfig config;
  private final List<PythonRegex> saved;
  private final RegexSteps steps = new RegexSteps();

  /**
   * @param modulesToSave the config's and those that its task adds
   * @throws IllegalArgumentException naming the option, if one of them is no regular expression
   */
  AdaptedModules(LoraConfig config, List<String> modulesToSave) {
    this.config = config;
    // Names, but peft writes them into an expression.
    this.saved =
        modulesToSave.stream()
            .map(m -> PythonRegex.compile("modules_to_save", "(^|.*\\.)", m, "($|\\..*)"))
            .toList();
  }

  /**
   * The layers, by their names in the trunk, in its order.
   *
   * @throws IllegalArgumentException naming the option, if no layer or a module of another kind is
   *     meant
   * @throws IllegalStateException if the model is not as it was loaded
   */
  Map<String, Conv1D> of(Gpt2PreTrainedModel model) {
    String other = config.targetModules().isAllLinear() ? null : refuseOtherModules(model);
    Map<String, Conv1D> layers = new LinkedHashMap<>();
    for (Projection p : model.transformer().projections().values()) {
      if (p instanceof Int8Linear || p instanceof PackedLinear) {
        throw new IllegalStateException(
            p.name()
                + (p instanceof PackedLinear ? " was packed" : " was rounded to 8 bits")
                + " for inference: expected a model as it was loaded");
      }
      if (!(p instanceof Conv1D base)) {
        throw new IllegalStateException(
            p.name() + " has an adapter already: expected a model without one");
      }
      String module = AdapterNames.module(p.name());
      if (isTarget(module) && !isLeftOut(module)) {
        layers.put(p.name(), base);
      }
    }
    if (layers.isEmpty()) {
      throw other == null ? noneFound(model) : otherModule(other);
    }
    return layers;
  }

  private boolean isTarget(String module) {
    TargetModules targets = config.targetModules();
    return targets.matches(module, steps)
        && (targets.hasFullName(module) || config.transformsLayerOf(module, steps));
  }

  private boolean isLeftOut(String module) {
    return config.excludeModules().contain(module, steps)
        || saved.stream().anyMatch(m -> m.match(module, steps));
  }

  /** Every module that is no Conv1D must be missed by the targets; returns one that is left out. */
  private String refuseOtherModules(Gpt2PreTrainedModel model) {
    Set<String> modules = new LinkedHashSet<>(List.of("transformer", "transformer.drop"));
    model.parameters((Parameter p) -> modules.addAll(AdapterNames.modulesAround(model, p)));
    model
        .transformer()
        .projections()
        .keySet()
        .forEach(name -> modules.remove(AdapterNames.module(name)));
    String leftOut = null;
    for (String module : modules) {
      if (isTarget(module)) {
        if (!isLeftOut(module)) {
          throw otherModule(module);
        }
        leftOut = leftOut == null ? module : leftOut;
      }
    }
    return leftOut;
  }

  private IllegalArgumentException otherModule(String module) {
    return new IllegalArgumentException(
        "target_modules: "
            + config.targetModules()
            + " hits "
            + module
            + ", which is no Conv1D layer");
  }

  private IllegalArgumentException noneFound(Gpt2PreTrainedModel model) {
    boolean meant =
        model.transformer().projections().keySet().stream()
            .anyMatch(name -> config.targetModules().matches(AdapterNames.module(name), steps));
    return new IllegalArgumentException(
        "target_modules: "
            + config.targetModules()
            + (meant
                ? " names modules that exclude_modules, modules_to_save and layers_to_transform"
                    + " leave out, all of them"
                : " names no module of the model; it has c_attn, c_proj and c_fc"));
  }
}
