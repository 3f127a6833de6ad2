package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Models whose weights are packed: packing does nothing with MKL, or on ARM. */
class PackedModelTest {
  @Test
  void fullSizeGivesTheSameLogits() throws IOException {
    Fixture fixture = Fixture.load("logits/gpt2");
    var model = new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
    PackedBatch all = PackedBatch.of(fixture.sequences().subList(0, 4));
    PackedBatch one = PackedBatch.of(fixture.sequences().subList(1, 2));
    INDArray ofAll = model.forward(all);
    INDArray ofOne = model.forward(one);
    model.pack();
    model.pack(); // does nothing
    assertThat(model.trainableParameters().isEmpty())
        .isEqualTo(model.kernels().prefersPackedWeights());
    Fixture.assertClose("all", Fixture.floats(model.forward(all)), Fixture.floats(ofAll), 1e-5);
    Fixture.assertClose("one", Fixture.floats(model.forward(one)), Fixture.floats(ofOne), 1e-5);
  }

  @Test
  void generatesTheSame() throws IOException {
    Gpt2Config config = Fixture.load("gradients/seq_cls").config();
    List<int[]> prompts = List.of(new int[] {1, 2, 3}, new int[] {9});
    GenerationConfig greedy = GenerationConfig.builder().maxNewTokens(9).build();
    var model = new Gpt2LMHeadModel(config, new SeededWeights(5, 4));
    var expected = model.generate(prompts, greedy);
    model.pack();
    assertThat(model.generate(prompts, greedy)).usingRecursiveComparison().isEqualTo(expected);
  }

  @Test
  void neitherTrainsNorSavesNorRounds() throws IOException {
    Gpt2Config config = Fixture.load("gradients/seq_cls").config();
    var model = new Gpt2LMHeadModel(config, new SeededWeights(5, 1));
    model.pack();
    if (model.kernels().prefersPackedWeights()) {
      PackedBatch batch = PackedBatch.of(List.of(new int[] {1, 2}));
      String refusal =
          "the weights were packed or rounded for inference only: load the model again";
      assertThatThrownBy(() -> model.forwardBackward(batch, new int[] {2, 3}, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(refusal);
      assertThatThrownBy(model::stateDict).hasMessageStartingWith(refusal);
      assertThatThrownBy(model::toInt8).hasMessageStartingWith(refusal);
    } else {
      assertThat(model.trainableParameters()).isNotEmpty();
    }
  }
}
