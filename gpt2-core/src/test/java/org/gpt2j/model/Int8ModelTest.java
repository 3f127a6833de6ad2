package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.nn.Int8Matrix;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Models whose weights are in 8 bits. */
class Int8ModelTest {
  private static final String REFUSED =
      "the weights were packed or rounded for inference only: load the model again to train or"
          + " save it";

  @TempDir Path dir;

  /**
   * Weights that are rounded to 8 bits and widened again: what such a model should compute with.
   */
  private static WeightSource rounded(WeightSource weights) {
    return (name, shape) -> {
      INDArray w = weights.get(name, shape);
      if (name.equals("wte.weight") || name.equals("lm_head.weight")) {
        return Int8Matrix.ofTransposed(w).widen(DataType.FLOAT).transpose().dup('c');
      }
      return name.matches("h\\..*\\.c_\\w+\\.weight")
          ? Int8Matrix.of(w).widen(DataType.FLOAT).dup('c')
          : w;
    };
  }

  @Test
  void computesWithTheRoundedWeights() throws IOException {
    for (JsonNode json : Fixture.load("logits/odd_shapes").json()) {
      Fixture fixture = new Fixture("odd", json);
      WeightSource rounded = rounded(fixture.weights());
      PackedBatch batch = PackedBatch.of(fixture.sequences());
      for (boolean tied : new boolean[] {true, false}) {
        Gpt2Config config = fixture.config().toBuilder().tieWordEmbeddings(tied).build();
        Gpt2LMHeadModel lm = new Gpt2LMHeadModel(config, fixture.weights());
        lm.toInt8();
        close("lm", lm.forward(batch), new Gpt2LMHeadModel(config, rounded).forward(batch));
      }
      var classifier = new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
      classifier.toInt8();
      classifier.toInt8(); // does nothing
      close(
          "classifier",
          classifier.forward(batch),
          new Gpt2ForSequenceClassification(fixture.config(), rounded).forward(batch));
      close(
          "hidden states",
          classifier.transformer().lastHiddenState(batch),
          new Gpt2Model(fixture.config(), rounded).lastHiddenState(batch));
    }
  }

  /** Rounding the rows to 13 bits shows after some layers. */
  private static void close(String what, INDArray actual, INDArray expected) {
    double largest = expected.amaxNumber().doubleValue();
    Fixture.assertClose(
        what, Fixture.floats(actual), Fixture.floats(expected), 1e-3 * Math.max(1, largest));
  }

  /** Of 12x768 with random weights the logits move by a few hundredths of the largest. */
  @Test
  void fullSizeIsCloseToTheFloats() throws IOException {
    Fixture fixture = Fixture.load("logits/gpt2");
    var model = new Gpt2ForSequenceClassification(fixture.config(), fixture.weights());
    PackedBatch batch = PackedBatch.of(fixture.sequences().subList(0, 4));
    INDArray expected = model.forward(batch);
    model.toInt8();
    INDArray actual = model.forward(batch);
    double error = actual.sub(expected).amaxNumber().doubleValue();
    assertThat(error).isPositive().isLessThan(0.04 * expected.amaxNumber().doubleValue());
  }

  @Test
  void generates() throws IOException {
    Gpt2Config config = small();
    WeightSource weights = new SeededWeights(5, 4);
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(config, weights);
    model.toInt8();
    List<int[]> prompts = List.of(new int[] {1, 2, 3}, new int[] {9});
    GenerationConfig greedy = GenerationConfig.builder().maxNewTokens(9).build();
    assertThat(model.generate(prompts, greedy))
        .usingRecursiveComparison()
        .isEqualTo(new Gpt2LMHeadModel(config, rounded(weights)).generate(prompts, greedy));
  }

  private static Gpt2Config small() throws IOException {
    return Fixture.load("gradients/seq_cls").config();
  }

  @Test
  void neitherTrainsNorSaves() throws IOException {
    var model = new Gpt2ForSequenceClassification(small(), new SeededWeights(5, 1));
    model.toInt8();
    PackedBatch batch = PackedBatch.of(List.of(new int[] {1, 2}));
    assertThatThrownBy(() -> model.forwardBackward(batch, new int[] {0}, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(REFUSED);
    assertThatThrownBy(() -> model.savePretrained(dir)).hasMessage(REFUSED);
    assertThatThrownBy(() -> model.transformer().savePretrained(dir)).hasMessage(REFUSED);
    assertThat(dir).isEmptyDirectory();
    assertThat(model.trainableParameters()).isEmpty();

    var lm = new Gpt2LMHeadModel(small(), new SeededWeights(5, 1));
    lm.toInt8();
    assertThatThrownBy(() -> lm.forwardBackward(batch, new int[] {2, 3}, 1)).hasMessage(REFUSED);
  }
}
