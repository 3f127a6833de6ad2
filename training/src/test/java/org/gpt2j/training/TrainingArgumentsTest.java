package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.io.JsonFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingArgumentsTest {
  /** No value is the default. */
  private static final String ALL =
      """
      {
        "num_train_epochs": 2.5, "max_steps": 7, "per_device_train_batch_size": 3,
        "per_device_eval_batch_size": 4, "gradient_accumulation_steps": 5,
        "learning_rate": 0.125, "weight_decay": 0.25, "adam_beta1": 0.5, "adam_beta2": 0.75,
        "adam_epsilon": 0.0625, "max_grad_norm": 2.0, "lr_scheduler_type": "constant_with_warmup",
        "warmup_ratio": 0.375, "warmup_steps": 6.0, "label_smoothing_factor": 0.5,
        "output_dir": "out", "report_to": "tensorboard", "logging_dir": "logs",
        "logging_strategy": "epoch", "logging_steps": 8, "logging_first_step": true,
        "eval_strategy": "epoch", "eval_steps": 9, "save_strategy": "best", "save_steps": 10,
        "save_total_limit": 11, "load_best_model_at_end": false,
        "metric_for_best_model": "f1", "greater_is_better": true, "shuffle": false,
        "group_by_length": true, "seed": 12345678901, "data_seed": 12345678902
      }""";

  private static TrainingArguments parse(String json) {
    return TrainingArguments.fromJson(JsonFile.parse(json));
  }

  private static List<String> names(ObjectNode json) {
    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    return names;
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
    assertThat(a.labelSmoothingFactor()).isEqualTo(0.5);
    assertThat(a.outputDir()).isEqualTo(Path.of("out"));
    assertThat(a.reportTo()).isEqualTo(ReportTo.TENSORBOARD);
    assertThat(a.loggingDir()).isEqualTo(Path.of("logs"));
    assertThat(a.loggingStrategy()).isEqualTo(IntervalStrategy.EPOCH);
    assertThat(a.loggingFirstStep()).isTrue();
    assertThat(a.evalStrategy()).isEqualTo(IntervalStrategy.EPOCH);
    assertThat(a.evalSteps()).isEqualTo(9);
    assertThat(a.saveStrategy()).isEqualTo(IntervalStrategy.BEST);
    assertThat(a.saveSteps()).isEqualTo(10);
    assertThat(a.saveTotalLimit()).isEqualTo(11);
    assertThat(a.metricForBestModel()).isEqualTo("f1");
    assertThat(a.greaterIsBetter()).isTrue();
    assertThat(a.groupByLength()).isTrue();
    assertThat(a.dataSeed()).isEqualTo(12345678902L);
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
    assertThat(names(given)).containsExactlyInAnyOrderElementsOf(names(defaults));
    for (String key : names(given)) {
      assertThat(given.get(key)).as(key).isNotEqualTo(defaults.get(key));
    }
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
              "warmup_ratio": 0.1, "warmup_steps": 0.0, "label_smoothing_factor": 0.0,
              "output_dir": "trainer_output", "report_to": "none", "logging_dir": null,
              "logging_strategy": "steps", "logging_steps": 10, "logging_first_step": false,
              "eval_strategy": "steps", "eval_steps": 50, "save_strategy": "steps",
              "save_steps": 50, "save_total_limit": 1, "load_best_model_at_end": true,
              "metric_for_best_model": "loss", "greater_is_better": false, "shuffle": true,
              "group_by_length": false, "seed": 42, "data_seed": null
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
    String start = "learningRate: unknown training argument; known are ";
    List<String> known = names(TrainingArguments.defaults().toJson());
    assertThatThrownBy(() -> parse("{\"learningRate\": 1}"))
        .isInstanceOf(IllegalArgumentException.class)
        .extracting(Throwable::getMessage, STRING)
        .startsWith(start)
        .satisfies(
            m ->
                assertThat(m.substring(start.length()).split(", "))
                    .containsExactlyInAnyOrderElementsOf(known));
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
          eval_steps                  | 0           | a number above 0 (eval_strategy no: never)
          eval_steps                  | -1          | a number above 0 (eval_strategy no: never)
          eval_steps                  | 0.5         | an integer
          save_steps                  | 0           | a number above 0 (save_strategy no: never)
          save_steps                  | "often"     | an integer
          save_total_limit            | 0           | null or a number above 0
          save_total_limit            | 1.5         | an integer
          output_dir                  | 1           | a text
          logging_dir                 | false       | a text
          metric_for_best_model       | ["f1","a"] | a text
          greater_is_better           | "yes"       | true or false
          report_to                   | "wandb"     | one of [none, tensorboard]
          eval_strategy               | "never"     | one of [no, steps, epoch, best]
          eval_strategy               | null        | one of [no, steps, epoch, best]
          data_seed                   | 0.5         | an integer
          label_smoothing_factor      | 1.0         | a number in [0, 1)
          label_smoothing_factor      | -0.5        | a number in [0, 1)
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

  /** What is not given follows from what is; toJson says what came out. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "eval_steps": 7                         | save_steps             | 7
          "eval_strategy": "epoch"                | save_strategy          | "epoch"
          "eval_strategy": "epoch"                | load_best_model_at_end | true
          "eval_strategy": "no"                   | save_strategy          | "steps"
          "eval_strategy": "no"                   | load_best_model_at_end | false
          "eval_strategy": "no"                   | metric_for_best_model  | null
          "eval_strategy": "no"                   | greater_is_better      | null
          "metric_for_best_model": "mcc"          | greater_is_better      | true
          "metric_for_best_model": "eval_loss"    | greater_is_better      | false
          "metric_for_best_model": null           | metric_for_best_model  | "loss"
          "save_total_limit": null                | save_total_limit       | null
          "load_best_model_at_end": null          | load_best_model_at_end | true
          """)
  void fillsIn(String given, String key, String expected) {
    assertThat(parse("{" + given + "}").toJson().get(key)).hasToString(expected);
  }

  @Test
  void nullStandsForNothing() {
    TrainingArguments a =
        parse("{\"data_seed\": null, \"logging_dir\": null, \"output_dir\": \"o\", \"seed\": 5}");
    assertThat(a.dataSeed()).isEqualTo(5);
    assertThat(a.loggingDir()).isEqualTo(Path.of("o", "runs"));
    assertThat(parse("{\"save_total_limit\": null}").saveTotalLimit()).isNull();
    assertThat(parse("{\"eval_strategy\": \"no\"}").greaterIsBetter()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "save_strategy": "epoch"                           | save_strategy: expected the eval_strategy steps or best, since load_best_model_at_end is true, found epoch
          "save_strategy": "no"                              | save_strategy: expected the eval_strategy steps or best, since load_best_model_at_end is true, found no
          "eval_strategy": "no", "load_best_model_at_end": true | save_strategy: expected the eval_strategy no or best, since load_best_model_at_end is true, found steps
          "save_steps": 75                                   | save_steps: expected a multiple of the eval_steps 50, since load_best_model_at_end is true, found 75
          "eval_strategy": "no", "save_strategy": "best"     | metric_for_best_model: expected a metric, since save_strategy is best, found null
          "logging_strategy": "best"                         | logging_strategy: expected one of [no, steps, epoch], found best
          "eval_strategy": "best"                            | eval_strategy: expected one of [no, steps, epoch], found best
          "output_dir": null                                 | output_dir: expected a directory, found nothing
          "output_dir": " "                                  | output_dir: expected a directory, found nothing
          """)
  void refusesCombinations(String given, String message) {
    assertThatThrownBy(() -> parse("{" + given + "}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"output_dir", "logging_dir"})
  void refusesWhatIsNoPath(String key) {
    assertThatThrownBy(() -> parse("{\"" + key + "\": \"a\\u0000b\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(key + ": expected a path, found \"a\\u0000b\"");
  }

  @Test
  void stepsNeedNotMatchWhereTheBestIsNotTaken() {
    String free = ", \"load_best_model_at_end\": false}";
    assertThat(parse("{\"save_steps\": 75" + free).saveSteps()).isEqualTo(75);
    assertThat(parse("{\"save_strategy\": \"no\"" + free).saveStrategy())
        .isEqualTo(IntervalStrategy.NO);
    assertThat(parse("{\"save_strategy\": \"best\", \"save_steps\": 75}").saveSteps())
        .isEqualTo(75);
  }
}
