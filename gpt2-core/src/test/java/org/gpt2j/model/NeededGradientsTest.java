package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.gpt2j.nn.Kernels;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Pass;
import org.gpt2j.nn.Workspace;
import org.gpt2j.testing.RecordingKernels;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

/** The backward pass computes what the trainable parameters need, counted by kernel calls. */
class NeededGradientsTest {
  private static final int BLOCKS = 3;
  private static final PackedBatch BATCH =
      PackedBatch.of(List.of(new int[] {4, 1, 3}, new int[] {7, 2}));

  private static final Gpt2Config CONFIG =
      Gpt2Config.gpt2().toBuilder()
          .vocabSize(11)
          .nPositions(5)
          .nEmbd(6)
          .nHead(2)
          .nLayer(BLOCKS)
          .labels(List.of("a", "b"))
          .tieWordEmbeddings(false)
          .build();

  /** The forward pass: four affine maps a block, and the head. */
  private static final int FORWARD_GEMMS = 4 * BLOCKS + 1;

  private static RecordingKernels forwardBackward(
      Gpt2PreTrainedModel model, String trainable, int[] labels) {
    model.freeze();
    model.parameters(p -> p.setRequiresGrad(p.name().matches(trainable)));
    RecordingKernels recording = new RecordingKernels(model.kernels());
    Kernels kernels = recording.kernels();
    model.forwardBackward(labels, 1, Pass.gradients(kernels, new Workspace(DataType.FLOAT), BATCH));
    return recording;
  }

  /**
   * @param trainable regular expression of the trainable parameters' names
   * @param gemms of the backward pass: one for each weight's gradient, one for each input's
   * @param weightGemms those for weights' gradients
   * @param attentions blocks whose attention is gone back through
   * @param layerNorms layer norms that are gone back through
   */
  @ParameterizedTest
  @CsvSource({
    // everything: 2 for each of 4 maps, and for the head; 2 layer norms a block, and ln_f
    ".*, 26, 13, 3, 7",
    // the embeddings need all that is above them
    "wte.weight, 13, 0, 3, 7",
    "wpe.weight, 13, 0, 3, 7",
    // the head alone: nothing below it
    "score.weight, 1, 1, 0, 0",
    "ln_f.*, 1, 0, 0, 1",
    // the last block, from its end to its beginning, with the head's input gradient
    "h.2.mlp.c_proj.bias, 1, 0, 0, 1",
    "h.2.mlp.c_proj.weight, 2, 1, 0, 1",
    "h.2.mlp.c_fc.weight, 3, 1, 0, 1",
    "h.2.ln_2.weight, 3, 0, 0, 2",
    "h.2.attn.c_proj.weight, 4, 1, 0, 2",
    "h.2.attn.c_attn.weight, 5, 1, 1, 2",
    "h.2.ln_1.bias, 5, 0, 1, 3",
    "h.2.*, 9, 4, 1, 3",
    // a block in the middle: 4 input gradients for each block above
    "h.1.attn.c_attn.weight, 9, 1, 2, 4",
    "h.0.attn.c_attn.weight, 13, 1, 3, 6",
    // usual LoRA places on frozen weights, by the biases that lie there
    "h.*.attn.c_attn.bias, 12, 0, 3, 6",
    "nothing, 0, 0, 0, 0"
  })
  void classification(String trainable, int gemms, int weightGemms, int attentions, int layerNorms)
      throws IOException {
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(CONFIG, new SeededWeights(1, 10));
    RecordingKernels calls = forwardBackward(model, trainable, new int[] {0, 1});

    assertThat(calls.count("gemm") - FORWARD_GEMMS).as("gemm").isEqualTo(gemms);
    assertThat(calls.weightGradientGemms()).as("for weights").isEqualTo(weightGemms);
    assertThat(calls.count("attentionBackward")).as("attention").isEqualTo(attentions);
    assertThat(calls.count("layerNormBackward")).as("layer norm").isEqualTo(layerNorms);
    model.parameters(
        p -> assertThat(p.gradientOrNull() == null).isEqualTo(!p.name().matches(trainable)));
  }

  @ParameterizedTest
  @CsvSource({
    ".*, 26, 13, 3, 7",
    "lm_head.weight, 1, 1, 0, 0",
    "ln_f.*, 1, 0, 0, 1",
    "h.2.mlp.c_proj.weight, 2, 1, 0, 1",
    "h.2.*, 9, 4, 1, 3",
    "wte.weight, 13, 0, 3, 7",
    "nothing, 0, 0, 0, 0"
  })
  void languageModel(String trainable, int gemms, int weightGemms, int attentions, int layerNorms)
      throws IOException {
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(CONFIG, new SeededWeights(1, 10));
    int[] labels = Gpt2LMHeadModel.nextTokenLabels(BATCH);
    RecordingKernels calls = forwardBackward(model, trainable, labels);

    assertThat(calls.count("gemm") - FORWARD_GEMMS).as("gemm").isEqualTo(gemms);
    assertThat(calls.weightGradientGemms()).as("for weights").isEqualTo(weightGemms);
    assertThat(calls.count("attentionBackward")).as("attention").isEqualTo(attentions);
    assertThat(calls.count("layerNormBackward")).as("layer norm").isEqualTo(layerNorms);
  }

  /** Inference needs no memory of single layers; gradients need some for each. */
  @Test
  void inferenceKeepsNoActivations() throws IOException {
    long[] inference = new long[2];
    long[] training = new long[2];
    for (int i = 0; i < 2; i++) {
      Gpt2Config config = CONFIG.toBuilder().nLayer(2 + 4 * i).build();
      Gpt2ForSequenceClassification model =
          new Gpt2ForSequenceClassification(config, new SeededWeights(1, 10));
      model.forward(BATCH);
      inference[i] = model.workspaceBytes();
      model.forwardBackward(BATCH, new int[] {0, 1}, 1);
      training[i] = model.workspaceBytes();
    }
    assertThat(inference[1]).isEqualTo(inference[0]).isPositive();
    assertThat(training[1]).isGreaterThan(2 * training[0]);
  }
}
