package org.gpt2j.lora;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Patterns whose order counts, in a file whose keys are sorted. */
class PatternOrderTest {
  @TempDir Path dir;

  private Map<String, Double> saved(Map<String, Double> alphas) throws IOException {
    Gpt2PreTrainedModel model = AdapterDirectory.classifier();
    LoraConfig config =
        AdapterDirectory.config().targetModules("c_proj").alphaPattern(alphas).build();
    LoraModel.apply(model, config, 1).savePretrained(dir);
    LoraConfig read = LoraModel.readConfig(dir);
    for (String module : new String[] {"h.0.attn", "h.0.mlp", "h.1.attn", "h.1.mlp"}) {
      String name = "transformer." + module + ".c_proj";
      assertThat(read.scaling(name)).as(name).isEqualTo(config.scaling(name));
    }
    return read.alphaPattern();
  }

  @Test
  void whereItCountsEachModuleHasItsOwn() throws IOException {
    Map<String, Double> alphas = new LinkedHashMap<>();
    alphas.put("mlp.c_proj", 3.0);
    alphas.put("c_proj", 5.0);
    assertThat(saved(alphas))
        .containsOnlyKeys(
            "transformer.h.0.attn.c_proj",
            "transformer.h.0.mlp.c_proj",
            "transformer.h.1.attn.c_proj",
            "transformer.h.1.mlp.c_proj");
  }

  @Test
  void whereItDoesNotCountTheyStay() throws IOException {
    Map<String, Double> alphas = new LinkedHashMap<>();
    alphas.put("mlp.c_proj", 3.0);
    alphas.put("h.1.attn.c_proj", 5.0);
    assertThat(saved(alphas)).isEqualTo(alphas);
    assertThat(JsonFile.read(dir.resolve("adapter_config.json")).get("alpha_pattern").fieldNames())
        .toIterable()
        .containsExactly("h.1.attn.c_proj", "mlp.c_proj");
  }
}
