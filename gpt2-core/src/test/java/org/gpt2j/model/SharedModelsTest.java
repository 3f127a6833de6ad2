package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gpt2j.hub.PretrainedPath;
import org.gpt2j.nn.Block;
import org.gpt2j.nn.LayerNorm;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.nn.Pass;
import org.gpt2j.nn.Workspace;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.NpzFile;
import org.gpt2j.testing.SharedData;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Checkpoints that others made. */
class SharedModelsTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir Path dir;

  private static Map<String, float[]> tensors(Path model) throws IOException {
    Map<String, float[]> all = new LinkedHashMap<>();
    try (SafetensorsFile file =
        SafetensorsFile.open(model.resolve(Gpt2PreTrainedModel.WEIGHTS_FILE))) {
      for (String name : file.names()) {
        all.put(name, file.floats(name));
      }
    }
    return all;
  }

  private static void assertSameBits(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).containsAll(expected.keySet());
    expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).isEqualTo(values));
  }

  @Test
  void languageModelComesBackBitForBit() throws IOException {
    Path tiny = SharedData.require("tiny-gpt2");
    Gpt2LMHeadModel model = Gpt2LMHeadModel.fromPretrained(tiny);
    model.savePretrained(dir);

    assertThat(dir.resolve("model.safetensors"))
        .hasSameBinaryContentAs(tiny.resolve("model.safetensors"));
    assertThat(Gpt2Config.fromPretrained(dir).toJson())
        .isEqualTo(Gpt2Config.fromPretrained(tiny).toJson());
    Gpt2LMHeadModel again = Gpt2LMHeadModel.fromPretrained(dir);
    PackedBatch batch = PackedBatch.of(List.of(new int[] {50256, 0, 7}, new int[] {31373, 995}));
    assertThat(Fixture.floats(again.forward(batch)))
        .hasSize(5 * 50257)
        .isEqualTo(Fixture.floats(model.forward(batch)));
  }

  @Test
  void classifierStartsFromALanguageModel() throws IOException {
    Path tiny = SharedData.require("tiny-gpt2");
    Gpt2Config config =
        Gpt2Config.fromPretrained(tiny).toBuilder().labels(List.of("ham", "spam", "?")).build();
    Gpt2ForSequenceClassification model =
        Gpt2ForSequenceClassification.fromPretrained(tiny, config, 42);
    assertThat(model.score().value().shape()).containsExactly(3, 2);
    float[] head = Fixture.floats(model.score().value());
    assertThat(head).doesNotContain(0);
    model.savePretrained(dir);

    Map<String, float[]> saved = tensors(dir);
    assertSameBits(saved, tensors(tiny));
    assertThat(saved.remove("score.weight")).isEqualTo(head);
    assertThat(saved).hasSameSizeAs(tensors(tiny));
    Gpt2ForSequenceClassification again = Gpt2ForSequenceClassification.fromPretrained(dir, 1);
    assertThat(again.config().id2label()).containsValues("ham", "spam", "?");
    assertThat(again.config().architectures()).containsExactly("GPT2ForSequenceClassification");
    PackedBatch batch = PackedBatch.of(List.of(new int[] {50256, 0, 7}, new int[] {31373, 995}));
    assertThat(Fixture.floats(again.forward(batch)))
        .hasSize(2 * 3)
        .isEqualTo(Fixture.floats(model.forward(batch)));
  }

  /** The fresh head is a function of the seed. */
  @Test
  void freshHeadsDifferBySeed() throws IOException {
    Path tiny = SharedData.require("tiny-gpt2");
    float[][] heads = new float[3][];
    for (int i = 0; i < 3; i++) {
      Gpt2ForSequenceClassification model =
          Gpt2ForSequenceClassification.fromPretrained(tiny, i / 2);
      heads[i] = Fixture.floats(model.score().value());
    }
    assertThat(heads[1]).isEqualTo(heads[0]);
    assertThat(heads[2]).isNotEqualTo(heads[0]);
  }

  /**
   * PyTorch's activations of a trained model: embeddings, each step of block 0, each block, head.
   */
  @Test
  void nanoGptActivations() throws IOException {
    Path nano = SharedData.require("gpt-nano-sort");
    Gpt2LMHeadModel model = Gpt2LMHeadModel.fromPretrained(nano);
    Gpt2Model trunk = model.transformer();
    try (NpzFile file = new NpzFile(nano.resolve("reference-activations.npz"))) {
      PackedBatch batch = batch(file.floats("idx"), trunk.config().nPositions());
      Pass pass = Pass.gradients(model.kernels(), new Workspace(DataType.FLOAT), batch);

      INDArray x = trunk.embeddings().forward(pass);
      close(file, "x", x);
      Block block = trunk.blocks().get(0);
      INDArray norm = layerNorm(model, "h.0.ln_1").forward(x, false, pass);
      close(file, "ln1", norm);
      firstAttention(file, model, norm, pass);
      INDArray mid = block.attn().forward(norm, null, pass).dup('c');
      close(file, "yProj", mid);
      close(file, "attnResid", mid.addi(x));
      norm = layerNorm(model, "h.0.ln_2").forward(mid, false, pass);
      close(file, "ln2", norm);
      INDArray hidden = pass.scratch("fc", batch.tokens(), block.mlp().cFc().outFeatures());
      block.mlp().cFc().forward(norm, hidden, pass);
      close(file, "fc", hidden);
      pass.kernels().activation(trunk.config().activationFunction(), hidden, hidden);
      close(file, "gelu", hidden);
      INDArray branch = block.mlp().forward(norm, pass).dup('c');
      close(file, "mlp", branch);
      close(file, "mlpResid", branch.addi(mid));

      for (int i = 0; i < trunk.blocks().size(); i++) {
        x = trunk.blocks().get(i).forward(x, pass);
        close(file, "block" + i, x);
      }
      close(file, "ln_f", trunk.lnF().forward(x, false, pass));
      close(file, "ln_f", model.transformer().lastHiddenState(batch));
      INDArray logits = model.forward(batch);
      close(file, "lm_head", logits);
      Fixture.assertClose("probs", softmax(logits), file.floats("probs"), TOLERANCE);
    }
  }

  /** q | k | v, the softmax's denominators and the mixed values of block 0. */
  private static void firstAttention(NpzFile file, Gpt2LMHeadModel model, INDArray norm, Pass pass)
      throws IOException {
    Gpt2Config config = model.config();
    int c = config.nEmbd();
    int heads = config.nHead();
    INDArray qkv = pass.scratch("qkv", pass.tokens(), 3L * c);
    model.transformer().projections().get("h.0.attn.c_attn").forward(norm, qkv, pass);
    close(file, "qkv", qkv);
    INDArray y = pass.scratch("y", pass.tokens(), c);
    INDArray lse = pass.scratch("lse", pass.tokens(), heads);
    double scale = 1 / Math.sqrt((double) c / heads);
    int[] starts = pass.batch().starts();
    model.kernels().attention(qkv, starts, heads, scale, 0, 0, y, lse);
    close(file, "y", y);

    // att is [B,heads,T,T] before the softmax, -inf where masked
    float[] att = file.floats("att");
    int length = config.nPositions();
    float[] expected = new float[pass.tokens() * heads];
    for (int row = 0; row < att.length / length; row++) {
      double sum = 0;
      for (int j = 0; j < length; j++) {
        sum += Math.exp(att[row * length + j]);
      }
      int sequence = row / (heads * length);
      int head = row / length % heads;
      expected[(sequence * length + row % length) * heads + head] = (float) Math.log(sum);
    }
    Fixture.assertClose("lse", Fixture.floats(lse), expected, TOLERANCE);
  }

  private static LayerNorm layerNorm(Gpt2PreTrainedModel model, String name) {
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    model.parameters(p -> parameters.put(p.name(), p));
    return new LayerNorm(
        "test." + name,
        parameters.get(name + ".weight"),
        parameters.get(name + ".bias"),
        model.config().layerNormEpsilon());
  }

  private static PackedBatch batch(float[] ids, int length) {
    List<int[]> sequences = new ArrayList<>();
    for (int from = 0; from < ids.length; from += length) {
      int[] sequence = new int[length];
      for (int i = 0; i < length; i++) {
        sequence[i] = (int) ids[from + i];
      }
      sequences.add(sequence);
    }
    assertThat(sequences).hasSize(3);
    return PackedBatch.of(sequences);
  }

  private static void close(NpzFile file, String name, INDArray actual) throws IOException {
    Fixture.assertClose(name, Fixture.floats(actual), file.floats(name), TOLERANCE);
  }

  private static float[] softmax(INDArray logits) {
    int n = (int) logits.size(1);
    float[] values = Fixture.floats(logits);
    for (int from = 0; from < values.length; from += n) {
      double sum = 0;
      for (int i = from; i < from + n; i++) {
        sum += Math.exp(values[i]);
      }
      for (int i = from; i < from + n; i++) {
        values[i] = (float) (Math.exp(values[i]) / sum);
      }
    }
    return values;
  }

  /** It was trained to sort: after 6 letters it writes them in order. */
  @Test
  void nanoGptSorts() throws IOException {
    Path nano = SharedData.require("gpt-nano-sort");
    Gpt2LMHeadModel model = Gpt2LMHeadModel.fromPretrained(nano);
    assertThat(model.config().tieWordEmbeddings()).isFalse();
    int[][] letters = {{0, 0, 2, 1, 0, 1}, {2, 2, 1, 1, 0, 0}, {1, 2, 0, 2, 1, 2}};
    for (int[] unsorted : letters) {
      int[] ids = unsorted;
      for (int i = 0; i < unsorted.length; i++) {
        PackedBatch batch = PackedBatch.of(List.of(ids));
        float[] logits = Fixture.floats(model.forward(batch, new int[] {ids.length - 1}));
        ids = Arrays.copyOf(ids, ids.length + 1);
        int best = 0;
        for (int letter = 1; letter < 3; letter++) {
          best = logits[letter] > logits[best] ? letter : best;
        }
        ids[ids.length - 1] = best;
      }
      int[] sorted = unsorted.clone();
      Arrays.sort(sorted);
      assertThat(Arrays.copyOfRange(ids, 6, 12)).isEqualTo(sorted);
    }
    model.savePretrained(dir);
    assertSameBits(tensors(dir), tensors(nano));
    assertThat(tensors(dir)).hasSameSizeAs(tensors(nano));
  }

  /**
   * The real model: the tag is left out unless the user's Hugging Face cache has it (see the POM).
   */
  @Test
  @Tag("hub")
  void gpt2OfTheHubKnowsEnglish() throws IOException {
    Gpt2LMHeadModel model = Gpt2LMHeadModel.fromPretrained(PretrainedPath.resolve("gpt2"));
    assertThat(model.parameters().stream().mapToLong(p -> p.value().length()).sum())
        .isEqualTo(124_439_808);
    // "Hello, my name is John and I live in New York City. I work at a bank, and in the
    // evening I like to read books."
    // (HF tokenizers 0.23.2)
    int[] ids = {
      15496, 11, 616, 1438, 318, 1757, 290, 314, 2107, 287, 968, 1971, 2254, 13, 314, 670, 379, 257,
      3331, 11, 290, 287, 262, 6180, 314, 588, 284, 1100, 3835, 13
    };
    PackedBatch batch = PackedBatch.of(List.of(ids));
    double loss = model.loss(batch, Gpt2LMHeadModel.nextTokenLabels(batch));
    assertThat(loss).as("a random model's is 10.8").isBetween(1.0, 5.0);
  }
}
