package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.JsonFile;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerStateTest {
  @TempDir Path output;

  private Trainer train(String args) throws IOException {
    Trainer trainer =
        Trainer.builder(TinyModel.classifier())
            .args(TinyModel.arguments(output, args))
            .trainDataset(TinyModel.data(10))
            .evalDataset(TinyModel.data(10))
            .build();
    trainer.train();
    return trainer;
  }

  @Test
  void fileHasTransformersKeys() throws IOException {
    Trainer trainer = train("{\"num_train_epochs\": 1.5, \"eval_steps\": 2, \"save_steps\": 4}");
    TrainerState state = trainer.state();
    trainer.saveState();
    Path file = output.resolve("trainer_state.json");
    ObjectNode json = JsonFile.read(file);
    List<String> keys = new ArrayList<>();
    json.fieldNames().forEachRemaining(keys::add);
    List<String> theirs = new ArrayList<>();
    Fixture.load("trainer/log_history")
        .json()
        .get("state_keys")
        .forEach(k -> theirs.add(k.textValue()));
    assertThat(keys).containsExactlyElementsOf(theirs);
    // 1.5 epochs of 3 steps, rounded up.
    assertThat(json.get("max_steps").intValue()).isEqualTo(5);
    assertThat(json.get("global_step").intValue()).isEqualTo(5);
    assertThat(json.get("epoch").doubleValue()).isCloseTo(5 / 3.0, within(1e-12));
    assertThat(json.get("num_train_epochs").intValue()).isEqualTo(2);
    assertThat(json.get("eval_steps").intValue()).isEqualTo(2);
    assertThat(json.get("save_steps").intValue()).isEqualTo(4);
    assertThat(json.get("logging_steps").intValue()).isEqualTo(1);
    assertThat(json.get("train_batch_size").intValue()).isEqualTo(4);
    assertThat(json.get("num_input_tokens_seen").longValue()).isEqualTo(state.numInputTokensSeen());
    assertThat(json.get("best_metric").doubleValue()).isEqualTo(state.bestMetric());
    assertThat(json.get("best_global_step").intValue()).isEqualTo(state.bestGlobalStep());
    assertThat(json.get("log_history").size()).isEqualTo(state.logHistory().size());
    JsonNode row = json.get("log_history").get(0);
    assertThat(row.get("step").isInt()).isTrue();
    assertThat(row.get("loss").doubleValue()).isEqualTo(state.logHistory().get(0).get("loss"));
    assertThat(Files.readString(file)).startsWith("{\n  \"best_global_step\": ");
  }

  @Test
  void theCheckpointsOwnStateNamesItAsTheBest() throws IOException {
    TrainerState state = train("{\"max_steps\": 4, \"eval_steps\": 2}").state();
    Path best = output.resolve("checkpoint-" + state.bestGlobalStep());
    assertThat(state.bestModelCheckpoint()).isEqualTo(best);
    JsonNode json = JsonFile.read(best.resolve(TrainerState.FILE_NAME));
    assertThat(json.get("best_model_checkpoint").textValue()).isEqualTo(best.toString());
    assertThat(json.get("stateful_callbacks").get("TrainerControl").get("args").properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrder(
            "should_training_stop",
            "should_epoch_stop",
            "should_save",
            "should_evaluate",
            "should_log");
  }

  @Test
  void comesBackFromItsFileInAnotherDirectory() throws IOException {
    Trainer trainer = train("{\"max_steps\": 4, \"eval_steps\": 2}");
    trainer.state().log(Map.of("loss", Double.NaN));
    trainer.saveState();
    TrainerState restored = new TrainerState(trainer.args());
    restored.plan(4, 2);
    restored.restore(
        JsonFile.read(output.resolve(TrainerState.FILE_NAME)), Path.of("somewhere", "else"));
    assertThat(restored.bestModelCheckpoint())
        .isEqualTo(Path.of("somewhere/else/checkpoint-" + restored.bestGlobalStep()));
    ObjectNode again = restored.toJson();
    ObjectNode before = trainer.state().toJson();
    again.remove(List.of("best_model_checkpoint", "stateful_callbacks"));
    before.remove(List.of("best_model_checkpoint", "stateful_callbacks"));
    assertThat(JsonFile.text(again)).isEqualTo(JsonFile.text(before));
  }

  private static TrainerState restored(String json) {
    TrainerState state = new TrainerState(TrainingArguments.defaults());
    state.restore(JsonFile.parse(json), Path.of("out"));
    return state;
  }

  /** As transformers' TrainerState does for keys that its older versions did not write. */
  @Test
  void nothingIsTakenForNullAndForMissingKeys() {
    for (String json :
        List.of(
            "{}",
            """
            {"best_global_step": null, "best_metric": null, "best_model_checkpoint": null,
             "epoch": null, "global_step": 0, "log_history": null, "max_steps": null,
             "num_input_tokens_seen": null, "stateful_callbacks": null, "total_flos": null}""")) {
      TrainerState state = restored(json);
      assertThat(state.globalStep()).isZero();
      assertThat(state.epoch()).isZero();
      assertThat(state.numInputTokensSeen()).isZero();
      assertThat(state.bestMetric()).isNull();
      assertThat(state.bestGlobalStep()).isNull();
      assertThat(state.bestModelCheckpoint()).isNull();
      assertThat(state.logHistory()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "best_model_checkpoint": "x/checkpoint-12"                         | 12
          "best_model_checkpoint": "C:\\\\x\\\\checkpoint-12", "best_global_step": null | 12
          "best_model_checkpoint": "checkpoint-12", "best_global_step": 8    | 8
          "best_model_checkpoint": "the best"                                | -1
          """)
  void theBestStepStandsInTheNameOfItsCheckpoint(String json, int step) {
    assertThat(restored("{" + json + "}").bestGlobalStep()).isEqualTo(step < 0 ? null : step);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          global_step           | "16"                | a number of at least 0
          global_step           | -1                  | a number of at least 0
          global_step           | 99999999999         | a number of at least 0
          epoch                 | NaN                 | a number of at least 0
          epoch                 | [1]                 | a number of at least 0
          num_input_tokens_seen | true                | a number of at least 0
          total_flos            | -Infinity           | a number of at least 0
          best_metric           | "0.5"               | null or a number
          best_metric           | NaN                 | null or a number
          best_global_step      | 1.5                 | null or an integer
          best_global_step      | "8"                 | null or an integer
          best_model_checkpoint | 8                   | null or a path
          best_model_checkpoint | ["a"]               | null or a path
          log_history           | {"loss":1}          | a list
          log_history           | "none"              | a list
          """)
  void aKeyOfAnotherTypeIsNamed(String key, String value, String expected) {
    assertThatThrownBy(() -> restored("{\"" + key + "\": " + value + "}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(key + ": expected " + expected + ", found ");
  }

  @Test
  void whatWasLoggedIsNumbers() {
    assertThat(restored("{\"log_history\": [{\"loss\": \"NaN\", \"step\": 1}]}").logHistory())
        .containsExactly(Map.of("loss", Double.NaN, "step", 1.0));
    assertThatThrownBy(() -> restored("{\"log_history\": [{\"loss\": \"low\"}]}"))
        .hasMessage("log_history: loss: expected a number, found \"low\"");
    assertThatThrownBy(() -> restored("{\"log_history\": [{\"loss\": null}]}"))
        .hasMessage("log_history: loss: expected a number, found null");
    assertThatThrownBy(() -> restored("{\"log_history\": [null]}"))
        .hasMessage("log_history: expected objects, found null");
  }
}
