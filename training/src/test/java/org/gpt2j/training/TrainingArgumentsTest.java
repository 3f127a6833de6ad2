package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.io.JsonFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingArgumentsTest {
  /** No value is the default. */
  private static final String ALL =
      """
      {
        "num_train_epochs": 2.5, "max_steps": 7, "per_device_train_batch_size": 3,
        "per_device_eval_batch_size": 4, "gradient_accumulation_steps": 5,
        "learning_rate": 0.125, "weight_decay": 0.25, "adam_beta1": 0.5, "adam_beta2": 0.75,
        "adam_epsilon": 0.0625, "max_grad_norm": 2.0, "lr_scheduler_type": "constant_with_warmup",
        "warmup_ratio": 0.375, "warmup_steps": 6.0, "logging_steps": 8, "eval_steps": 9,
        "load_best_model_at_end": false, "shuffle": false, "seed": 12345678901
      }""";

  private static TrainingArguments parse(String json) {
    return TrainingArguments.fromJson(JsonFile.parse(json));
  }

  @Test
  void readsEveryKey() {
    TrainingArguments a = parse(ALL);
    assertThat(a.numTrainEpochs()).isEqualTo(2.5);
    assertThat(a.maxSteps()).isEqualTo(7);
    assertThat(a.perDeviceTrainBatchSize()).isEqualTo(3);
    assertThat(a.perDeviceEvalBatchSize()).isEqualTo(4);
    assertThat(a.gradientAccumulationSteps()).isEqualTo(5);
    assertThat(a.learningRate()).isEqualTo(0.125);
    assertThat(a.weightDecay()).isEqualTo(0.25);
    assertThat(a.adamBeta1()).isEqualTo(0.5);
    assertThat(a.adamBeta2()).isEqualTo(0.75);
    assertThat(a.adamEpsilon()).isEqualTo(0.0625);
    assertThat(a.maxGradNorm()).isEqualTo(2);
    assertThat(a.lrSchedulerType()).isEqualTo(SchedulerType.CONSTANT_WITH_WARMUP);
    assertThat(a.warmupSteps(100)).isEqualTo(6);
    assertThat(a.loggingSteps()).isEqualTo(8);
    assertThat(a.evalSteps()).isEqualTo(9);
    assertThat(a.loadBestModelAtEnd()).isFalse();
    assertThat(a.shuffle()).isFalse();
    assertThat(a.seed()).isEqualTo(12345678901L);
  }

  @Test
  void writesWhatItReads() {
    ObjectNode given = JsonFile.parse(ALL);
    ObjectNode written = TrainingArguments.fromJson(given).toJson();
    assertThat(JsonFile.text(written)).isEqualTo(JsonFile.text(given));
    assertThat(TrainingArguments.fromJson(written).toJson()).isEqualTo(written);
    ObjectNode defaults = TrainingArguments.defaults().toJson();
    given
        .fieldNames()
        .forEachRemaining(key -> assertThat(given.get(key)).isNotEqualTo(defaults.get(key)));
  }

  @Test
  void defaultsAreTheRecipes() {
    ObjectNode expected =
        JsonFile.parse(
            """
            {
              "num_train_epochs": 5.0, "max_steps": -1, "per_device_train_batch_size": 16,
              "per_device_eval_batch_size": 32, "gradient_accumulation_steps": 1,
              "learning_rate": 1e-4, "weight_decay": 0.0, "adam_beta1": 0.9, "adam_beta2": 0.999,
              "adam_epsilon": 1e-8, "max_grad_norm": 1.0, "lr_scheduler_type": "cosine",
              "warmup_ratio": 0.1, "warmup_steps": 0.0, "logging_steps": 10, "eval_steps": 50,
              "load_best_model_at_end": true, "shuffle": true, "seed": 42
            }""");
    assertThat(JsonFile.text(TrainingArguments.defaults().toJson()))
        .isEqualTo(JsonFile.text(expected));
    assertThat(parse("{}").toJson()).isEqualTo(TrainingArguments.defaults().toJson());
  }

  @Test
  void wholeNumbersServeAsNumbers() {
    assertThat(parse("{\"num_train_epochs\": 3, \"learning_rate\": 1}").numTrainEpochs())
        .isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource
  void knowsEachScheduleByTransformersName(SchedulerType type) {
    String json = "{\"lr_scheduler_type\": \"" + type + "\"}";
    assertThat(parse(json).lrSchedulerType()).isEqualTo(type);
    assertThat(parse(json).toJson().get("lr_scheduler_type").textValue())
        .isEqualTo(type.toString());
  }

  @Test
  void refusesUnknownKeysAndNamesTheKnownOnes() {
    List<String> known = new ArrayList<>();
    TrainingArguments.defaults().toJson().fieldNames().forEachRemaining(known::add);
    assertThatThrownBy(() -> parse("{\"learningRate\": 1}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "learningRate: unknown training argument; known are " + String.join(", ", known));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          num_train_epochs            | "3"         | a number
          num_train_epochs            | null        | a number
          max_steps                   | 1.5         | an integer
          max_steps                   | 99999999999 | an integer
          per_device_train_batch_size | "16"        | an integer
          per_device_eval_batch_size  | [1]         | an integer
          gradient_accumulation_steps | {"a":1}     | an integer
          learning_rate               | true        | a number
          lr_scheduler_type           | "step"      | one of [linear, cosine, constant, constant_with_warmup]
          lr_scheduler_type           | 1           | one of [linear, cosine, constant, constant_with_warmup]
          lr_scheduler_type           | null        | one of [linear, cosine, constant, constant_with_warmup]
          load_best_model_at_end      | 1           | true or false
          shuffle                     | "false"     | true or false
          shuffle                     | null        | true or false
          seed                        | 1.0         | an integer
          seed                        | 99999999999999999999 | an integer
          max_steps                   | 0           | -1 or a number above 0
          max_steps                   | -2          | -1 or a number above 0
          num_train_epochs            | 0.0         | a number above 0
          num_train_epochs            | -1.0        | a number above 0
          per_device_train_batch_size | 0           | a number above 0
          per_device_eval_batch_size  | -1          | a number above 0
          gradient_accumulation_steps | 0           | a number above 0
          logging_steps               | 0           | a number above 0
          eval_steps                  | -1          | 0 (no evaluation) or a number above 0
          learning_rate               | -0.5        | a number of at least 0
          weight_decay                | -0.5        | a number of at least 0
          max_grad_norm               | -0.5        | a number of at least 0
          warmup_steps                | -1.0        | a number of at least 0
          adam_epsilon                | 0.0         | a number above 0
          adam_beta1                  | 1.0         | a number in [0, 1)
          adam_beta2                  | -0.5        | a number in [0, 1)
          warmup_ratio                | 1.5         | a number in [0, 1]
          """)
  void refusesWithOneSentence(String key, String value, String expected) {
    assertThatThrownBy(() -> parse("{\"" + key + "\": " + value + "}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(key + ": expected " + expected + ", found " + value);
  }

  @Test
  void refusesNumbersThatAreNotFinite() {
    for (String key :
        List.of(
            "num_train_epochs", "learning_rate", "weight_decay", "max_grad_norm", "adam_epsilon")) {
      for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
        ObjectNode json = JsonFile.parse("{}").put(key, value);
        assertThatThrownBy(() -> TrainingArguments.fromJson(json))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(key + ": expected a number")
            .hasMessageEndingWith(", found " + value);
      }
    }
  }

  /**
   * Steps from transformers' get_warmup_steps; 100 * 0.07 is a little above 7 in floating point.
   */
  @ParameterizedTest
  @CsvSource({
    "10, 0, 0.1, 1",
    "11, 0, 0.1, 2",
    "100, 0, 0.07, 8",
    "325, 0, 0.1, 33",
    "1, 0, 0.1, 1",
    "7, 0, 0, 0",
    "7, 0, 1, 7",
    "3, 0, 0.34, 2",
    "100, 5, 0.1, 5",
    "3, 50, 0.1, 50",
    "100, 1, 0.5, 1",
    "100, 2.9, 0.5, 2",
    "101, 0.1, 0.5, 11"
  })
  void warmupStepsWinOverTheRatio(int total, double steps, double ratio, int expected) {
    ObjectNode json = JsonFile.parse("{}");
    json.put("warmup_steps", steps).put("warmup_ratio", ratio);
    assertThat(TrainingArguments.fromJson(json).warmupSteps(total)).isEqualTo(expected);
  }
}
