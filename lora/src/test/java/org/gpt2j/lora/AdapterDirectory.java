package org.gpt2j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Parameter;
import org.gpt2j.safetensors.SafetensorsWriter;
import org.gpt2j.safetensors.Tensor;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** A whole adapter on disk, to be broken, and a model that must not notice. */
abstract class AdapterDirectory {
  static final String LAYER = "base_model.model.transformer.h.1.attn.c_attn.";
  static final String SCORE = "base_model.model.score.weight";

  static final Gpt2Config BASE =
      Gpt2Config.gpt2().toBuilder()
          .vocabSize(11)
          .nPositions(5)
          .nEmbd(6)
          .nHead(2)
          .nLayer(2)
          .labels(List.of("a", "b", "c"))
          .build();

  @TempDir Path dir;

  Path configFile;
  Path weightsFile;
  ObjectNode json;
  Map<String, Tensor> tensors;
  Gpt2PreTrainedModel model;
  private Map<String, float[]> before;

  static Gpt2ForSequenceClassification classifier() throws IOException {
    return new Gpt2ForSequenceClassification(BASE, new SeededWeights(4, 10));
  }

  static LoraConfig.Builder config() {
    return LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS).r(2).loraAlpha(4);
  }

  @BeforeEach
  void writeAdapter() throws IOException {
    configFile = dir.resolve("adapter_config.json");
    weightsFile = dir.resolve("adapter_model.safetensors");
    LoraModel lora = LoraModel.apply(classifier(), config().build(), 3);
    lora.savePretrained(dir);
    json = JsonFile.read(configFile);
    tensors = new TreeMap<>();
    lora.stateDict().forEach((name, array) -> tensors.put(name, Tensor.of(array)));
    use(classifier());
  }

  void use(Gpt2PreTrainedModel model) {
    this.model = model;
    before = weights();
  }

  private Map<String, float[]> weights() {
    Map<String, float[]> weights = new TreeMap<>();
    model.parameters(p -> weights.put(p.name(), Fixture.floats(p.value())));
    return weights;
  }

  /** Loads nothing, says so, and leaves the model alone. */
  void assertRefused(String message) {
    String expected =
        message.replace("CONFIG", configFile.toString()).replace("WEIGHTS", weightsFile.toString());
    assertThatIOException()
        .isThrownBy(() -> LoraModel.fromPretrained(model, dir, true))
        .withMessage(expected);
    assertModelUntouched();
  }

  void assertModelUntouched() {
    assertThat(model.parameters()).allMatch(Parameter::requiresGrad);
    Map<String, float[]> after = weights();
    assertThat(after).containsOnlyKeys(before.keySet());
    after.forEach((name, values) -> assertThat(values).as(name).isEqualTo(before.get(name)));
  }

  void writeConfig() throws IOException {
    JsonFile.write(configFile, json);
  }

  void writeTensors() throws IOException {
    SafetensorsWriter.write(weightsFile, tensors, Map.of());
  }

  static Tensor zeros(long... shape) {
    return Tensor.of(Nd4j.zeros(DataType.FLOAT, shape));
  }
}
