package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gpt2j.io.JsonFile;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.safetensors.DType;
import org.gpt2j.safetensors.SafetensorsWriter;
import org.gpt2j.safetensors.Tensor;
import org.gpt2j.testing.ErrorOutput;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.gpt2j.testing.SharedData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Checkpoints as transformers, safetensors and trl leave them, with what transformers makes of
 * them.
 */
class ForeignCheckpointTest {
  private static final double TOLERANCE = 1e-5;
  private static final Path SHARDED = Fixture.path("checkpoints/sharded");

  @TempDir Path dir;

  private Fixture fixture;
  private Path weights;
  private Map<String, Tensor> tensors;

  @BeforeEach
  void collectTensors() throws IOException {
    fixture = Fixture.load("checkpoints/checkpoints");
    weights = dir.resolve("model.safetensors");
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(fixture.config(), fixture.weights());
    tensors = new TreeMap<>();
    model.stateDict().forEach((name, array) -> tensors.put(name, Tensor.of(array)));
    fixture.config().savePretrained(dir);
  }

  private void write() throws IOException {
    SafetensorsWriter.write(weights, tensors, Map.of());
  }

  private static Tensor zeros(long... shape) {
    return Tensor.of(Nd4j.zeros(DataType.FLOAT, shape));
  }

  private void assertLogits(String expected, Path model) throws IOException {
    PackedBatch batch = PackedBatch.of(List.of(Fixture.ints(fixture.json().get("sequence"))));
    INDArray logits = Gpt2LMHeadModel.fromPretrained(model).forward(batch);
    Fixture.assertClose(expected, logits, Fixture.doubles(fixture.json().get(expected)), TOLERANCE);
  }

  private void assertRefused(String message) {
    assertThatIOException()
        .isThrownBy(() -> Gpt2LMHeadModel.fromPretrained(dir))
        .withMessageStartingWith(message.replace("FILE", weights.toString()));
  }

  private void copyShards() throws IOException {
    Files.delete(dir.resolve("config.json"));
    try (var files = Files.list(SHARDED)) {
      for (Path file : files.toList()) {
        Files.copy(file, dir.resolve(file.getFileName()));
      }
    }
  }

  private void editIndex(String from, String to) throws IOException {
    Path index = dir.resolve("model.safetensors.index.json");
    String text = Files.readString(index);
    assertThat(text).contains(from);
    Files.writeString(index, text.replace(from, to));
  }

  @Test
  void shardsAreReadByTheirIndex() throws IOException {
    assertThat(Gpt2PreTrainedModel.hasWeights(SHARDED)).isTrue();
    assertThat(Gpt2PreTrainedModel.hasWeights(dir)).isFalse();
    assertThat(ErrorOutput.of(() -> assertLogits("sharded", SHARDED))).doesNotContain("WARN");
    // A single file goes before the index.
    copyShards();
    tensors.replaceAll((name, tensor) -> name.contains("wte") ? zeros(11, 6) : tensor);
    write();
    assertThat(Gpt2LMHeadModel.fromPretrained(dir).stateDict().get("transformer.wte.weight"))
        .isEqualTo(Nd4j.zeros(DataType.FLOAT, 11, 6));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wte.weight\": \"model-00001 | wte.weight\": \"../model | weight_map: transformer.wte.weight: expected the name of a"
            + " safetensors file beside it, found \"../model-of-00003.safetensors\"",
        "wte.weight\": \"model-00001 | wte.weight\": \"/etc/model | weight_map: transformer.wte.weight: expected the name of"
            + " a safetensors file beside it, found \"/etc/model-of-00003.safetensors\"",
        "wte.weight\": \"model-00001 | wte.weight\": \"model-00004 | weight_map: expected the file",
        "wte.weight\": \"model-00001 | wte.weight\": \"model-00003 | weight_map: expected the tensor"
            + " transformer.wte.weight in model-00003-of-00003.safetensors, which has none of that"
            + " name",
        "weight_map | map | weight_map: expected the file of each tensor, found nothing",
        "transformer.h.0.ln_1.bias | transformer.h.0.ln_1.bus | weight_map: expected the tensor"
            + " transformer.h.0.ln_1.bus in model-00001-of-00003.safetensors, which has none of that"
            + " name"
      })
  void brokenIndexesAreRefused(String from, String to, String message) throws IOException {
    copyShards();
    editIndex(from, to);
    assertRefused(dir.resolve("model.safetensors.index.json") + ": " + message);
  }

  /** safetensors' save_model keeps one name of a shared table. */
  @Test
  void theTableOfATiedPairMayHaveTheHeadsName() throws IOException {
    tensors.put("lm_head.weight", tensors.remove("transformer.wte.weight"));
    write();
    assertLogits("head_only", dir);
    assertThat(Gpt2ForSequenceClassification.fromPretrained(dir, 1).transformer().embeddings())
        .isNotNull();
    fixture.config().toBuilder().tieWordEmbeddings(false).build().savePretrained(dir);
    assertRefused("FILE: tensor wte.weight is missing, the file has lm_head.weight, ");
  }

  @Test
  void aHeadThatDiffersFromItsTableIsTakenAsTransformersDoes() throws IOException {
    tensors.put("lm_head.weight", tensors.get("transformer.wte.weight"));
    write();
    assertThat(ErrorOutput.of(() -> assertLogits("head_only", dir))).doesNotContain("WARN");
    INDArray head = new SeededWeights(5, 8).get("lm_head.weight", 11, 6);
    tensors.put("lm_head.weight", Tensor.of(head));
    write();
    assertThat(ErrorOutput.of(() -> assertLogits("own_head", dir)))
        .contains(
            weights
                + ": lm_head.weight differs from transformer.wte.weight although"
                + " tie_word_embeddings is true");
  }

  @Test
  void whatNoLayerAsksForIsNamedOnceAndLeftAside() throws IOException {
    Map<String, Tensor> foreign = new TreeMap<>();
    foreign.put("v_head.summary.weight", zeros(1, 6));
    foreign.put("v_head.summary.bias", zeros(1));
    foreign.put("multiple_choice_head.summary.weight", zeros(1, 6));
    foreign.put("classifier.weight", zeros(3, 6));
    foreign.put("qa_outputs.bias", zeros(2));
    foreign.put("score.weight", zeros(7, 6));
    foreign.put("score.bias", zeros(7));
    foreign.put("lm_head.bias", zeros(11));
    foreign.put("transformer.h.0.attn.rotary_emb.inv_freq", zeros(2));
    foreign.put(
        "transformer.position_ids", Tensor.of(DType.I64, new long[] {1}, ByteBuffer.allocate(8)));
    foreign.put("transformer.h.1.extra", zeros(0, 3));
    foreign.put("a\u001b[31m", zeros(1));
    tensors.putAll(foreign);
    write();
    String warnings = ErrorOutput.of(() -> assertLogits("sharded", dir));
    assertThat(warnings.lines().filter(line -> line.contains("WARN"))).hasSize(1);
    assertThat(warnings)
        .contains(weights + ": left aside, as no layer here asks for it: a\\u001b[31m, ");
    foreign.keySet().stream().skip(1).forEach(name -> assertThat(warnings).contains(name));
  }

  /** A head's bias in a file of its own would change every logit. */
  @Test
  void weightsInOtherFilesAreNamed() throws IOException {
    write();
    SafetensorsWriter.write(dir.resolve("lm_head_bias.safetensors"), tensors, Map.of());
    SafetensorsWriter.write(dir.resolve("model_head.safetensors"), tensors, Map.of());
    byte[] pickle = {(byte) 0x80, 2, '}', 'q', 0, '.'};
    byte[] zip = {'P', 'K', 3, 4, 20, 0};
    Files.write(dir.resolve("value_head.bin"), pickle);
    Files.write(dir.resolve("score\u001b.bin"), zip);
    assertThat(ErrorOutput.of(() -> assertLogits("sharded", dir)))
        .contains(
            weights
                + ": weights that lie beside it are not read: lm_head_bias.safetensors,"
                + " model_head.safetensors, score\\u001b.bin, value_head.bin\n")
        .containsOnlyOnce("WARN");
  }

  /** What libraries leave beside the weights, and what is none. */
  @Test
  void filesThatBelongThereAreNotNamed() throws IOException {
    write();
    byte[] pickle = {(byte) 0x80, 2, '}', 'q', 0, '.'};
    for (String name :
        List.of(
            "model.fp16.safetensors",
            "model-00001-of-00002.safetensors",
            "model_1.safetensors",
            "adapter_model.safetensors",
            "adapter_model.bin",
            "pytorch_model.bin",
            "pytorch_model-00001-of-00002.bin",
            "training_args.bin",
            "optimizer.safetensors",
            "optimizer.bin",
            "optimizer_1.bin",
            "scheduler.bin",
            "optimizer.pt",
            "rng_state.pth",
            "tf_model.h5",
            "flax_model.msgpack",
            "rust_model.ot",
            "random_states_0.pkl")) {
      Files.write(dir.resolve(name), pickle);
    }
    Files.write(dir.resolve("vocab.bin"), new byte[] {1, 2, 3});
    Files.createDirectory(dir.resolve("x.safetensors"));
    assertThat(ErrorOutput.of(() -> assertLogits("sharded", dir))).doesNotContain("WARN");
  }

  /** The masks of transformers 2 to 4.31 are in the hub's own gpt2: no word about them. */
  @Test
  void masksAreNotNamed() throws IOException {
    tensors.put("transformer.h.0.attn.bias", zeros(1, 1, 5, 5));
    tensors.put("transformer.h.0.attn.masked_bias", zeros());
    write();
    assertThat(ErrorOutput.of(() -> assertLogits("sharded", dir))).doesNotContain("WARN");
  }

  /** Layers that compute something else: transformers would leave them aside too, and be wrong. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "transformer.h.2.mlp.c_fc.weight",
        "h.11.ln_1.bias",
        "transformer.h.0.crossattention.c_attn.weight",
        "transformer.h.0.ln_cross_attn.weight",
        "transformer.h.1.mlp.c_fc.weight_scale",
        "transformer.wte.lora_embedding_A",
        "ln_f.weight"
      })
  void whatLiesInsideALayerIsRefused(String name) throws IOException {
    tensors.put(name, zeros(6));
    write();
    String named = name.equals("ln_f.weight") ? "transformer.ln_f.weight" : name;
    assertRefused("FILE: unexpected tensors [" + named + "]: is config.json of the same model?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"module.", "_orig_mod.", "model."})
  void namesOfAWrappedModelAreRefusedByThem(String prefix) throws IOException {
    Map<String, Tensor> wrapped = new TreeMap<>();
    tensors.forEach((name, tensor) -> wrapped.put(prefix + name, tensor));
    tensors = wrapped;
    write();
    assertRefused(
        "FILE: tensor wte.weight is missing, the file has it as "
            + prefix
            + "transformer.wte.weight");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void numbersThatAreNotFiniteAreRefusedByTheirTensor(float bad) throws IOException {
    INDArray bias = Nd4j.zeros(DataType.FLOAT, 24);
    bias.putScalar(23, bad);
    tensors.put("transformer.h.1.mlp.c_fc.bias", Tensor.of(bias));
    write();
    assertRefused(
        "FILE: tensor transformer.h.1.mlp.c_fc.bias: expected finite numbers, found others");
  }

  /** Sizes of a hostile config are compared with the file before memory is asked for. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'vocab_size':2147483647",
        "'n_positions':2147483647",
        "'n_layer':2147483647",
        "'n_inner':2147483647",
        "'n_embd':536870911,'n_head':1"
      })
  void sizesThatTheFileHasNotAreRefusedAtOnce(String keys) throws IOException {
    write();
    Path config = dir.resolve("config.json");
    ObjectNode json = JsonFile.read(config);
    json.setAll(JsonFile.parse("{" + keys.replace('\'', '"') + "}"));
    JsonFile.write(config, json);
    assertRefused("FILE: tensor ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"capp-gpt", "gpt2-basic-463k"})
  void modelsThatStrangersTrainedGiveTheirLogits(String name) throws IOException {
    Gpt2LMHeadModel model = Gpt2LMHeadModel.fromPretrained(SharedData.require("trained/" + name));
    JsonNode expected = Fixture.load("checkpoints/trained").json().get(name);
    PackedBatch batch = PackedBatch.of(List.of(Fixture.ints(expected.get("sequence"))));
    int[] columns = Fixture.ints(expected.get("columns"));
    int[] positions = Fixture.ints(expected.get("positions"));
    INDArray logits = model.forward(batch, positions);
    double[] picked = new double[positions.length * columns.length];
    float[] all = Fixture.floats(logits);
    int vocab = model.config().vocabSize();
    float[] logSumExp = new float[positions.length];
    for (int p = 0; p < positions.length; p++) {
      double sum = 0;
      for (int id = 0; id < vocab; id++) {
        sum += Math.exp(all[p * vocab + id]);
      }
      logSumExp[p] = (float) Math.log(sum);
      for (int c = 0; c < columns.length; c++) {
        picked[p * columns.length + c] = all[p * vocab + columns[c]];
      }
    }
    assertThat(picked).hasSizeGreaterThan(100);
    Fixture.assertClose(
        name,
        Nd4j.create(picked).castTo(DataType.FLOAT),
        Fixture.doubles(expected.get("logits")),
        1e-4);
    Fixture.assertClose(
        name + ", logsumexp",
        Nd4j.create(logSumExp),
        Fixture.doubles(expected.get("logsumexp")),
        1e-4);
  }
}
