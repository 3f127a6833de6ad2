package org.gpt2j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gpt2j.safetensors.DType;
import org.gpt2j.safetensors.SafetensorsWriter;
import org.gpt2j.safetensors.Tensor;
import org.gpt2j.testing.ErrorOutput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Adapter directories that are broken. Each is refused in one sentence that names the file and the
 * tensor, and the model stays what it was.
 */
class AdapterFilesTest extends AdapterDirectory {
  @Test
  void theAdapterItselfLoads() throws IOException {
    LoraModel.fromPretrained(model, dir, true);
    assertThat(model.parameters().stream().filter(p -> p.name().contains("lora_"))).hasSize(4);
    assertThat(model.trainableParameters()).hasSize(5);
    assertThatIllegalStateException()
        .isThrownBy(() -> LoraModel.fromPretrained(model, dir, true))
        .withMessage("h.0.attn.c_attn has an adapter already: expected a model without one");
  }

  @ParameterizedTest
  @ValueSource(strings = {LAYER + "lora_A.weight", LAYER + "lora_B.weight", SCORE})
  void missingTensor(String name) throws IOException {
    tensors.remove(name);
    writeTensors();
    assertRefused("WEIGHTS: missing tensors, expected by the config: [" + name + "]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "base_model.model.transformer.h.2.attn.c_attn.lora_A.weight",
        LAYER + "lora_A.default.weight",
        LAYER + "lora_magnitude_vector",
        LAYER + "base_layer.bias",
        "score.weight"
      })
  void extraTensor(String name) throws IOException {
    tensors.put(name, zeros(2));
    writeTensors();
    assertRefused("WEIGHTS: tensors that the config does not call for: [" + name + "]");
  }

  @Test
  void weightsInOtherFilesAreNamedOnce() throws IOException {
    writeTensors();
    SafetensorsWriter.write(dir.resolve("value_head.safetensors"), tensors, Map.of());
    assertThat(ErrorOutput.of(() -> LoraModel.fromPretrained(model, dir, true)))
        .containsOnlyOnce(
            "adapter_model.safetensors: weights that lie beside it are not read:"
                + " value_head.safetensors\n")
        .containsOnlyOnce("WARN");
  }

  /** As peft 0.21 writes bias "all" with modules_to_save ln_f: the bias three times. */
  @Test
  void biasesThatPeftWritesTwiceMore() throws IOException {
    LoraConfig twice = config().bias(LoraConfig.Bias.ALL).modulesToSave(List.of("ln_f")).build();
    LoraModel lora = LoraModel.apply(classifier(), twice, 3);
    lora.savePretrained(dir);
    tensors.clear();
    lora.stateDict().forEach((name, array) -> tensors.put(name, Tensor.of(array)));
    String norm = "base_model.model.transformer.ln_f.";
    tensors.put(norm + "modules_to_save.bias", tensors.get(norm + "bias"));
    tensors.put(norm + "original_module.bias", zeros(6));
    writeTensors();

    LoraModel loaded = LoraModel.fromPretrained(model, dir, true);

    assertThat(loaded.stateDict()).isEqualTo(lora.stateDict());
    tensors.put(norm + "modules_to_save.weight", zeros(6));
    writeTensors();
    use(classifier());
    assertRefused(
        "WEIGHTS: tensors that the config does not call for: [" + norm + "modules_to_save.weight]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        LAYER + "lora_A.weight | 3, 6 | [2, 6]",
        LAYER + "lora_A.weight | 6, 2 | [2, 6]",
        LAYER + "lora_B.weight | 2, 18 | [18, 2]",
        SCORE + " | 2, 6 | [3, 6]"
      })
  void wrongShape(String name, String shape, String expected) throws IOException {
    String[] sizes = shape.split(", ");
    tensors.put(name, zeros(Long.parseLong(sizes[0]), Long.parseLong(sizes[1])));
    writeTensors();
    assertRefused(
        "WEIGHTS: tensor %s: expected shape %s, found [%s]".formatted(name, expected, shape));
  }

  /** The last tensor to be read cannot be: those before it must not have been taken. */
  @Test
  void unreadableTensor() throws IOException {
    long[] shape = {3, 6};
    tensors.put(SCORE, Tensor.of(DType.F8_E8M0, shape, ByteBuffer.allocate(18)));
    writeTensors();
    assertRefused("WEIGHTS: tensor `" + SCORE + "` of dtype F8_E8M0 cannot be converted to float");
  }

  @Test
  void cutWeights() throws IOException {
    byte[] whole = Files.readAllBytes(weightsFile);
    Files.write(weightsFile, Arrays.copyOf(whole, whole.length - 1));
    assertThatIOException()
        .isThrownBy(() -> LoraModel.fromPretrained(model, dir, true))
        .withMessageStartingWith(weightsFile + ": ");
    assertModelUntouched();
  }

  /** Half precision loads; its numbers are exact here. */
  @Test
  void halfPrecisionLoads() throws IOException {
    tensors.put(LAYER + "lora_A.weight", Tensor.of(Nd4j.ones(DataType.FLOAT, 2, 6), DType.BF16));
    tensors.put(LAYER + "lora_B.weight", Tensor.of(Nd4j.ones(DataType.FLOAT, 18, 2), DType.F16));
    writeTensors();
    LoraModel lora = LoraModel.fromPretrained(model, dir, true);
    assertThat(lora.stateDict().get(LAYER + "lora_A.weight")).isEqualTo(Nd4j.ones(2, 6));
    assertThat(lora.stateDict().get(LAYER + "lora_B.weight")).isEqualTo(Nd4j.ones(18, 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"adapter_model.bin", "adapter_model.pt", "weights.pth"})
  void pickledWeights(String name) throws IOException {
    Files.move(weightsFile, dir.resolve(name));
    assertRefused(
        dir.resolve(name)
            + ": pickled weights are not read, since unpickling can run code; convert them in"
            + " Python: safetensors.torch.save_file(torch.load(\""
            + name
            + "\", weights_only=True), \"adapter_model.safetensors\")");
  }

  @Test
  void missingFiles() throws IOException {
    Files.delete(weightsFile);
    assertRefused("WEIGHTS: expected the adapter's weights, found no such file");
    Files.delete(configFile);
    assertRefused("CONFIG: no such file");
    dir = dir.resolve("nowhere");
    assertRefused(dir + ": expected an adapter's directory, found no such directory");
    LoraConfig given = config().build();
    assertThatIOException()
        .isThrownBy(() -> LoraModel.fromPretrained(model, dir, given, true))
        .withMessage(dir + ": expected an adapter's directory, found no such directory");
    Files.writeString(dir, "");
    assertRefused(dir + ": expected an adapter's directory, found a file");
  }
}
