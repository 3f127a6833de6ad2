package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.safetensors.DType;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.safetensors.SafetensorsWriter;
import org.gpt2j.safetensors.Tensor;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Model directories as others write them, and broken ones. */
class CheckpointTest {
  private static final Gpt2Config CONFIG =
      Gpt2Config.gpt2().toBuilder()
          .vocabSize(11)
          .nPositions(5)
          .nEmbd(6)
          .nHead(2)
          .nLayer(2)
          .labels(List.of("a", "b", "c"))
          .build();

  @TempDir Path dir;

  private Path weights;
  private Map<String, Tensor> tensors;
  private Gpt2LMHeadModel model;

  @BeforeEach
  void writeConfigAndCollectTensors() throws IOException {
    weights = dir.resolve("model.safetensors");
    model = new Gpt2LMHeadModel(CONFIG, new SeededWeights(4, 10));
    tensors = new TreeMap<>();
    model.stateDict().forEach((name, array) -> tensors.put(name, Tensor.of(array)));
    CONFIG.savePretrained(dir);
  }

  private void write() throws IOException {
    SafetensorsWriter.write(weights, tensors, Map.of());
  }

  private static Tensor zeros(long... shape) {
    return Tensor.of(Nd4j.zeros(DataType.FLOAT, shape));
  }

  private void assertSameWeights(Gpt2PreTrainedModel loaded) {
    Map<String, INDArray> expected = new LinkedHashMap<>();
    model.transformer().parameters(p -> expected.put(p.name(), p.value()));
    loaded
        .transformer()
        .parameters(p -> assertThat(p.value()).as(p.name()).isEqualTo(expected.remove(p.name())));
    assertThat(expected).isEmpty();
  }

  private void assertRefused(String message) {
    assertThatIOException()
        .isThrownBy(() -> Gpt2LMHeadModel.fromPretrained(dir))
        .withMessage(message.replace("FILE", weights.toString()));
  }

  @Test
  void withPrefix() throws IOException {
    write();
    assertSameWeights(Gpt2LMHeadModel.fromPretrained(dir));
    assertSameWeights(Gpt2ForSequenceClassification.fromPretrained(dir, 1));
  }

  /** As the hub's gpt2 is: no prefix, mask buffers of old, and lm_head.weight in some files. */
  @Test
  void withoutPrefixWithBuffersOfOld() throws IOException {
    Map<String, Tensor> plain = new TreeMap<>();
    tensors.forEach((name, tensor) -> plain.put(name.replace("transformer.", ""), tensor));
    assertThat(plain).containsKey("h.0.ln_1.weight").hasSameSizeAs(tensors);
    for (int block = 0; block < 2; block++) {
      plain.put("h." + block + ".attn.bias", zeros(1, 1, 5, 5));
      plain.put("h." + block + ".attn.masked_bias", zeros());
    }
    plain.put("lm_head.weight", zeros(11, 6));
    tensors = plain;
    write();
    assertSameWeights(Gpt2LMHeadModel.fromPretrained(dir));
    assertSameWeights(Gpt2ForSequenceClassification.fromPretrained(dir, 1));
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void halfPrecision(DType dtype) throws IOException {
    model.savePretrained(dir, dtype);
    byte[] file = Files.readAllBytes(weights);
    Gpt2LMHeadModel loaded = Gpt2LMHeadModel.fromPretrained(dir);

    double roundoff = dtype == DType.F16 ? 0x1p-11 : 0x1p-8;
    List<Parameter> expected = model.parameters();
    List<Parameter> actual = loaded.parameters();
    int rounded = 0;
    for (int p = 0; p < expected.size(); p++) {
      assertThat(actual.get(p).value().dataType()).isEqualTo(DataType.FLOAT);
      float[] before = Fixture.floats(expected.get(p).value());
      float[] after = Fixture.floats(actual.get(p).value());
      for (int i = 0; i < before.length; i++) {
        assertThat(Math.abs(after[i] - before[i])).isLessThanOrEqualTo((float) roundoff);
        rounded += after[i] == before[i] ? 0 : 1;
      }
    }
    assertThat(rounded).isGreaterThan(500);
    // What was rounded once stays; in float the file says so, for transformers loads what it says.
    loaded.savePretrained(dir, dtype);
    assertThat(weights).hasBinaryContent(file);
    String name = dtype == DType.F16 ? "float16" : "bfloat16";
    assertThat(dir.resolve("config.json")).content().contains("\"dtype\": \"" + name + "\"");
    Gpt2LMHeadModel.fromPretrained(dir).savePretrained(dir);
    assertThat(dir.resolve("config.json")).content().contains("\"dtype\": \"float32\"");
    try (SafetensorsFile saved = SafetensorsFile.open(weights)) {
      assertThat(saved.info("transformer.wte.weight").dtype()).isEqualTo(DType.F32);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"wte.weight", "h.1.attn.c_attn.bias", "ln_f.weight"})
  void missingTensor(String name) throws IOException {
    tensors.remove("transformer." + name);
    write();
    assertRefused(
        "FILE: tensor "
            + name
            + " is missing, the file has transformer.h.0.attn.c_attn.bias,"
            + " transformer.h.0.attn.c_attn.weight, transformer.h.0.attn.c_proj.bias and 24 more");
  }

  /** A block that the config does not know is no reason to guess. */
  @ParameterizedTest
  @ValueSource(
      strings = {"transformer.h.2.ln_1.weight", "transformer.h.0.attn.c_attn.lora_A.weight"})
  void unexpectedTensor(String name) throws IOException {
    tensors.put(name, zeros(6));
    write();
    assertRefused("FILE: unexpected tensors [" + name + "]: is config.json of the same model?");
  }

  /** Both names of one tensor: which is meant? */
  @Test
  void trunkAlone() throws IOException {
    model.savePretrained(dir);
    Gpt2Model trunk = Gpt2Model.fromPretrained(dir);
    PackedBatch batch = PackedBatch.of(List.of(new int[] {1, 2, 3}, new int[] {4}));
    Path bare = dir.resolve("bare");

    trunk.savePretrained(bare);

    try (SafetensorsFile file = SafetensorsFile.open(bare.resolve("model.safetensors"))) {
      assertThat(file.names()).contains("wte.weight", "h.1.mlp.c_proj.bias").hasSize(28);
    }
    assertThat(Gpt2Config.fromPretrained(bare).architectures()).containsExactly("GPT2Model");
    INDArray hidden = trunk.lastHiddenState(batch);
    assertThat(hidden.shape()).containsExactly(4, 6);
    assertThat(Gpt2Model.fromPretrained(bare).lastHiddenState(batch)).isEqualTo(hidden);
    assertThat(model.transformer().lastHiddenState(batch)).isEqualTo(hidden);
  }

  /** Without a seed for a fresh head, the file must bring one. */
  @Test
  void classifierWithItsHead() throws IOException {
    var classifier = new Gpt2ForSequenceClassification(CONFIG, new SeededWeights(4, 10));
    classifier.savePretrained(dir);
    assertSameWeights(Gpt2ForSequenceClassification.fromPretrained(dir));
    model.savePretrained(dir);
    assertThatThrownBy(() -> Gpt2ForSequenceClassification.fromPretrained(dir))
        .hasMessageStartingWith(weights + ": tensor score.weight is missing, the file has ");
  }

  @Test
  void tensorWithAndWithoutPrefix() throws IOException {
    tensors.put("ln_f.weight", zeros(6));
    write();
    assertRefused(
        "FILE: unexpected tensors [transformer.ln_f.weight]: is config.json of the same model?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "transformer.wte.weight | 12, 6 | [11, 6]",
        "transformer.wpe.weight | 6, 5 | [5, 6]",
        "transformer.h.1.mlp.c_fc.weight | 24, 6 | [6, 24]",
        "transformer.h.0.ln_1.bias | 1, 6 | [6]"
      })
  void wrongShape(String name, String shape, String expected) throws IOException {
    String[] sizes = shape.split(", ");
    tensors.put(name, zeros(Long.parseLong(sizes[0]), Long.parseLong(sizes[1])));
    write();
    assertRefused(
        "FILE: tensor %s: expected shape %s from config.json, found [%s]"
            .formatted(name, expected, shape));
  }

  @Test
  void configOfAnotherModel() throws IOException {
    write();
    CONFIG.toBuilder().nEmbd(8).build().savePretrained(dir);
    assertRefused(
        "FILE: tensor transformer.wte.weight: expected shape [11, 8] from config.json, found"
            + " [11, 6]");
    CONFIG.toBuilder().nLayer(3).build().savePretrained(dir);
    String found =
        " is missing, the file has transformer.h.0.attn.c_attn.bias,"
            + " transformer.h.0.attn.c_attn.weight, transformer.h.0.attn.c_proj.bias and 25 more";
    assertRefused("FILE: tensor h.2.ln_1.weight" + found);
    CONFIG.toBuilder().tieWordEmbeddings(false).build().savePretrained(dir);
    assertRefused("FILE: tensor lm_head.weight" + found);
  }

  @Test
  void headOfOtherLabels() throws IOException {
    tensors.put("score.weight", zeros(2, 6));
    write();
    assertThatIOException()
        .isThrownBy(() -> Gpt2ForSequenceClassification.fromPretrained(dir, 1))
        .withMessage(
            weights
                + ": tensor score.weight: expected shape [3, 6] from config.json, found [2, 6]");
    assertSameWeights(Gpt2LMHeadModel.fromPretrained(dir));
  }

  @Test
  void missingFiles() throws IOException {
    assertRefused("FILE: expected the model's weights, found no such file");
    write();
    Files.delete(dir.resolve("config.json"));
    assertRefused(dir.resolve("config.json") + ": no such file");
    Path nowhere = dir.resolve("nowhere");
    assertThatIOException()
        .isThrownBy(() -> Gpt2LMHeadModel.fromPretrained(nowhere))
        .withMessage(nowhere + ": expected a model directory, found no such directory");
    assertThatIOException()
        .isThrownBy(() -> Gpt2LMHeadModel.fromPretrained(weights))
        .withMessage(weights + ": expected a model directory, found a file");
  }

  @Test
  void otherFormats() throws IOException {
    Files.writeString(dir.resolve("pytorch_model.bin"), "");
    assertRefused(
        "FILE: expected the model's weights, found a pickled pytorch_model.bin, which is not read:"
            + " convert it with safetensors.torch.save_file");
  }

  @Test
  void brokenFile() throws IOException {
    write();
    byte[] whole = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(whole, whole.length - 1));
    assertThatIOException()
        .isThrownBy(() -> Gpt2LMHeadModel.fromPretrained(dir))
        .withMessageContaining(weights.toString());
  }

  /** What is there stays whole where saving fails, and the message names the place. */
  @Test
  void savingIntoAFile() throws IOException {
    write();
    assertThatIOException()
        .isThrownBy(() -> model.savePretrained(weights))
        .withMessage(weights + ": expected a directory to save into, found a file");
    assertThatIOException()
        .isThrownBy(() -> model.savePretrained(weights.resolve("below")))
        .withMessageStartingWith(weights.resolve("below") + ": the directory cannot be made: ");
    assertSameWeights(Gpt2LMHeadModel.fromPretrained(dir));
  }
}
