package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Parameter;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSaverTest {
  @TempDir Path dir;

  private final Gpt2ForSequenceClassification model = TinyModel.classifier();

  ModelSaverTest() throws IOException {}

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static List<float[]> trained(Gpt2PreTrainedModel model) {
    List<float[]> values = new ArrayList<>();
    model.trainableParameters().forEach(p -> values.add(Fixture.floats(p.value())));
    return values;
  }

  /** Saves, changes every trained weight, loads. */
  private void assertComesBack(ModelSaver saver) throws IOException {
    List<float[]> before = trained(model);
    saver.save(dir);
    for (Parameter p : model.trainableParameters()) {
      p.value().addi(1);
    }
    assertThat(trained(model).get(0)).isNotEqualTo(before.get(0));
    saver.load(dir);
    List<float[]> after = trained(model);
    assertThat(after).hasSameSizeAs(before);
    for (int i = 0; i < after.size(); i++) {
      assertThat(after.get(i)).isEqualTo(before.get(i));
    }
  }

  @Test
  void everyWeightComesBack() throws IOException {
    assertComesBack(ModelSaver.of(model));
    assertThat(names()).containsExactly("config.json", "model.safetensors");
  }

  @Test
  void ofAModelWithAdaptersTheseAloneAreSaved() throws IOException {
    LoraModel lora =
        LoraModel.apply(
            model,
            LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS)
                .r(2)
                .loraAlpha(4)
                .targetModules("c_attn")
                .build(),
            1);
    assertComesBack(ModelSaver.of(lora));
    assertThat(names())
        .containsExactly("adapter_config.json", "adapter_model.safetensors", "config.json");
  }
}
