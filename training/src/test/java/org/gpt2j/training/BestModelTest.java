package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Parameter;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which weights a training ends with, in the model and on disk. */
class BestModelTest {
  @TempDir Path output;

  private final ClassificationData data = TinyModel.data(10);
  private final ClassificationData opposite = TinyModel.opposite(data);

  private Trainer trainer(Gpt2PreTrainedModel model, String args, TrainingData eval) {
    return Trainer.builder(model)
        .args(TinyModel.arguments(output, args))
        .trainDataset(data)
        .evalDataset(eval)
        .build();
  }

  private List<Path> written() throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      return files.sorted().toList();
    }
  }

  private static void assertSameWeights(
      Gpt2ForSequenceClassification actual, Gpt2ForSequenceClassification expected) {
    for (int i = 0; i < expected.parameters().size(); i++) {
      Parameter p = expected.parameters().get(i);
      assertThat(Fixture.floats(actual.parameters().get(i).value()))
          .as(p.name())
          .isEqualTo(Fixture.floats(p.value()));
    }
  }

  @Test
  void bestWeightsAreRestoredAtTheEndAndOnDisk() throws IOException {
    Gpt2ForSequenceClassification model = TinyModel.classifier();
    Trainer trainer = trainer(model, "{\"max_steps\": 12, \"eval_steps\": 2}", opposite);
    TrainerState state = trainer.train();
    double[] losses =
        state.logHistory().stream()
            .filter(r -> r.containsKey("eval_loss"))
            .mapToDouble(r -> r.get("eval_loss"))
            .toArray();
    double lowest = Arrays.stream(losses).min().getAsDouble();
    assertThat(losses).hasSize(6);
    assertThat(losses[5]).as("the last evaluation is not the best").isGreaterThan(2 * lowest);
    int best = state.bestGlobalStep();
    assertThat(losses[best / 2 - 1]).isEqualTo(lowest).isEqualTo(state.bestMetric());
    assertThat(trainer.measure(opposite, "")).containsEntry("loss", lowest);

    Path checkpoint = output.resolve("checkpoint-" + best);
    assertThat(written()).containsExactly(checkpoint);
    assertThat(state.bestModelCheckpoint()).isEqualTo(checkpoint);
    assertSameWeights(Gpt2ForSequenceClassification.fromPretrained(checkpoint, 0), model);
    JsonNode json = JsonFile.read(checkpoint.resolve(TrainerState.FILE_NAME));
    assertThat(json.get("best_model_checkpoint").textValue()).isEqualTo(checkpoint.toString());
    assertThat(json.get("global_step").intValue()).isEqualTo(best);
  }

  @Test
  void lastWeightsStayIfAskedFor() throws IOException {
    Gpt2ForSequenceClassification model = TinyModel.classifier();
    Trainer trainer =
        trainer(
            model,
            "{\"max_steps\": 12, \"eval_steps\": 2, \"load_best_model_at_end\": false,"
                + " \"metric_for_best_model\": \"loss\", \"save_total_limit\": 2}",
            opposite);
    TrainerState state = trainer.train();
    List<Map<String, Double>> rows = state.logHistory();
    double last = rows.get(rows.size() - 2).get("eval_loss");
    int best = state.bestGlobalStep();
    assertThat(best).isLessThan(12);
    assertThat(trainer.measure(opposite, "").get("loss"))
        .isEqualTo(last)
        .isGreaterThan(state.bestMetric());
    Path newest = output.resolve("checkpoint-12");
    assertThat(written()).containsExactlyInAnyOrder(output.resolve("checkpoint-" + best), newest);
    assertSameWeights(Gpt2ForSequenceClassification.fromPretrained(newest, 0), model);
  }

  @Test
  void aMetricThatIsToGrowIsTheBestAtItsHighest() throws IOException {
    TrainerState state =
        trainer(
                TinyModel.classifier(),
                "{\"max_steps\": 8, \"eval_steps\": 1, \"metric_for_best_model\": \"eval_recall\"}",
                opposite)
            .train();
    double[] recalls =
        state.logHistory().stream()
            .filter(r -> r.containsKey("eval_recall"))
            .mapToDouble(r -> r.get("eval_recall"))
            .toArray();
    double highest = Arrays.stream(recalls).max().getAsDouble();
    assertThat(recalls).hasSize(8);
    assertThat(Arrays.stream(recalls).min().getAsDouble()).isLessThan(highest);
    assertThat(state.bestMetric()).isEqualTo(highest);
    // The first of equals.
    int first = 0;
    while (recalls[first] < highest) {
      first++;
    }
    assertThat(state.bestGlobalStep()).isEqualTo(first + 1);
  }

  @Test
  void withoutEvaluationTheLastWeightsAreTheResult() throws IOException {
    for (TrainingData eval : new TrainingData[] {null, data}) {
      Gpt2ForSequenceClassification model = TinyModel.classifier();
      String args =
          eval == null ? "{\"max_steps\": 2}" : "{\"max_steps\": 2, \"eval_strategy\": \"no\"}";
      TrainerState state = trainer(model, args, eval).train();
      assertThat(state.logHistory()).hasSize(3).noneMatch(r -> r.containsKey("eval_loss"));
      assertThat(state.bestMetric()).isNull();
      assertThat(state.bestGlobalStep()).isNull();
      assertThat(state.bestModelCheckpoint()).isNull();
      Path last = output.resolve("checkpoint-2");
      assertThat(written()).containsExactly(last);
      assertSameWeights(Gpt2ForSequenceClassification.fromPretrained(last, 0), model);
      assertThat(Fixture.floats(model.score().value()))
          .isNotEqualTo(Fixture.floats(TinyModel.classifier().score().value()));
    }
  }

  @Test
  void withoutCheckpointsNothingIsWritten() throws IOException {
    TrainerState state =
        trainer(
                TinyModel.classifier(),
                "{\"max_steps\": 2, \"eval_steps\": 1, \"save_strategy\": \"no\","
                    + " \"load_best_model_at_end\": false, \"metric_for_best_model\": \"loss\"}",
                data)
            .train();
    assertThat(state.bestMetric()).isNotNull();
    assertThat(state.toJson().get("best_model_checkpoint").isNull()).isTrue();
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void refusesAMetricThatIsNotMeasured() throws IOException {
    String auc = "{\"max_steps\": 1, \"metric_for_best_model\": \"auc\"}";
    assertThatThrownBy(() -> trainer(TinyModel.classifier(), auc, data))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "metric_for_best_model: expected one of [accuracy, f1, loss, mcc, precision, recall,"
                + " roc_auc], found auc");
  }
}
