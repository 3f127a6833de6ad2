package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose weights lie in its file is trained as any other. */
class MappedWeightsTest {
  private static final PackedBatch BATCH =
      PackedBatch.of(List.of(new int[] {4, 1, 499, 10}, new int[] {7}, new int[] {0, 4, 3}));

  @TempDir Path dir;

  /** Large enough that wte and mlp's weights are mapped. */
  private static Gpt2LMHeadModel model() throws IOException {
    Gpt2Config config =
        Gpt2Config.gpt2().toBuilder()
            .vocabSize(500)
            .nPositions(8)
            .nEmbd(64)
            .nHead(4)
            .nLayer(2)
            .build();
    return new Gpt2LMHeadModel(config, new SeededWeights(4, 4));
  }

  private static void train(Gpt2LMHeadModel model) {
    int[] labels = Gpt2LMHeadModel.nextTokenLabels(BATCH);
    for (int step = 1; step <= 3; step++) {
      model.zeroGradients();
      model.forwardBackward(BATCH, labels, 1, step);
      for (Parameter p : model.parameters()) {
        model.kernels().axpy(-0.1, p.gradient(), p.value());
      }
    }
  }

  @Test
  void fullTrainingGivesTheSameBitsAndLeavesTheFile() throws IOException {
    Gpt2LMHeadModel expected = model();
    expected.savePretrained(dir);
    Path file = dir.resolve(Gpt2PreTrainedModel.WEIGHTS_FILE);
    byte[] before = Files.readAllBytes(file);

    Gpt2LMHeadModel loaded = Gpt2LMHeadModel.fromPretrained(dir);
    Gpt2LMHeadModel untouched = Gpt2LMHeadModel.fromPretrained(dir);
    float[] logits = Fixture.floats(untouched.forward(BATCH));
    assertThat(Fixture.floats(loaded.forward(BATCH))).isEqualTo(logits);
    train(expected);
    train(loaded);

    float[] trained = Fixture.floats(expected.forward(BATCH));
    assertThat(trained).isNotEqualTo(logits);
    assertThat(Fixture.floats(loaded.forward(BATCH))).isEqualTo(trained);
    assertThat(file).hasBinaryContent(before);

    // Into the directory that it came from: others who loaded it keep what they have.
    loaded.savePretrained(dir);
    Gpt2LMHeadModel again = Gpt2LMHeadModel.fromPretrained(dir);
    assertThat(Fixture.floats(again.forward(BATCH))).isEqualTo(trained);
    assertThat(Fixture.floats(loaded.forward(BATCH))).isEqualTo(trained);
    assertThat(Fixture.floats(untouched.forward(BATCH))).isEqualTo(logits);
  }
}
