package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.nn.Labels;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings whose labels are numbers. */
class NumberLabelsTest {
  private static final int EXAMPLES = 8;

  @TempDir Path output;

  private static ClassificationData data(float last) {
    List<int[]> ids =
        IntStream.range(0, EXAMPLES).mapToObj(i -> TinyModel.data(EXAMPLES).inputIds(i)).toList();
    float[][] values = new float[EXAMPLES][];
    for (int i = 0; i < EXAMPLES; i++) {
      values[i] = new float[] {i % 2, 1 - i % 2};
    }
    values[EXAMPLES - 1][1] = last;
    return new ClassificationData(ids, new Labels.Values(values));
  }

  private Trainer trainer(String args, String problemType, TrainingData data) throws IOException {
    var config = TinyModel.classifierConfig().toBuilder().problemType(problemType).build();
    return Trainer.builder(new Gpt2ForSequenceClassification(config, new SeededWeights(3, 4)))
        .args(TinyModel.arguments(output, args))
        .trainDataset(data)
        .build();
  }

  @Test
  void aTrainingGoesOnWithTheSameNumbersAlone() throws IOException {
    String type = "multi_label_classification";
    ObjectNode before = TrainingFingerprint.of(trainer("{}", type, data(0)));
    TrainingFingerprint.requireSame(
        TrainingFingerprint.of(trainer("{}", type, data(0))), before, output);
    assertThatThrownBy(
            () ->
                TrainingFingerprint.requireSame(
                    TrainingFingerprint.of(trainer("{}", type, data(1))), before, output))
        .hasMessageContaining("expected the train_data that it was trained with");
    assertThatThrownBy(
            () ->
                TrainingFingerprint.requireSame(
                    TrainingFingerprint.of(trainer("{}", "regression", data(0))), before, output))
        .hasMessageContaining(
            "expected the loss that it was trained with (binary cross entropy), found mean squared"
                + " error");
  }

  @Test
  void anAccumulatedStepIsThatOfOneLargeBatch() throws IOException {
    String steps = "{\"max_steps\": 3, \"eval_strategy\": \"no\", \"shuffle\": false, ";
    var whole = trainer(steps + "\"per_device_train_batch_size\": 8}", "regression", data(0));
    var halves = trainer(steps + "\"gradient_accumulation_steps\": 2}", "regression", data(0));
    double expected = whole.train().logHistory().get(2).get("loss");
    assertThat(halves.train().logHistory().get(2).get("loss")).isCloseTo(expected, within(1e-5));
  }

  @Test
  void labelsOfAnotherKindAreRefused() throws IOException {
    Trainer indices = trainer("{}", "regression", TinyModel.data(EXAMPLES));
    assertThatIllegalArgumentException()
        .isThrownBy(indices::train)
        .withMessage("labels: expected numbers, found class indices");
    Trainer numbers = trainer("{}", null, data(0));
    assertThatIllegalArgumentException()
        .isThrownBy(numbers::train)
        .withMessage("labels: expected class indices, found numbers");
  }
}
