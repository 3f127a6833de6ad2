package org.gpt2j.lora;

import java.util.ArrayList;
import java.util.List;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Parameter;

/** peft's names for what our models call otherwise: the trunk's parts carry `transformer.`. */
final class AdapterNames {
  /** Before every name in adapter_model.safetensors. */
  static final String BASE_PREFIX = "base_model.model.";

  static final String WTE = BASE_PREFIX + "transformer.wte.weight";
  static final String LM_HEAD = BASE_PREFIX + "lm_head.weight";
  static final String SCORE = BASE_PREFIX + "score.weight";

  private AdapterNames() {}

  /** Full name of a module of the trunk. */
  static String module(String trunkName) {
    return Gpt2PreTrainedModel.PREFIX + trunkName;
  }

  /** A parameter's name in a file of the base model. */
  static String parameter(Gpt2PreTrainedModel model, Parameter p) {
    return p.name().equals(model.headName() + ".weight") ? p.name() : module(p.name());
  }

  /** A parameter's name in the adapter's file. */
  static String inFile(Gpt2PreTrainedModel model, Parameter p) {
    return BASE_PREFIX + parameter(model, p);
  }

  /** Full names of the modules that hold a parameter, the innermost first. */
  static List<String> modulesAround(Gpt2PreTrainedModel model, Parameter p) {
    List<String> modules = new ArrayList<>();
    String path = parameter(model, p);
    for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
      modules.add(path.substring(0, dot));
    }
    return modules;
  }

  /** Whether modules_to_save names a module: peft takes the end of a name, even in a word. */
  static boolean isSaved(String module, List<String> modulesToSave) {
    return modulesToSave.stream().anyMatch(module::endsWith);
  }
}
