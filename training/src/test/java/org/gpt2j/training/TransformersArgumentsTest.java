package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.gpt2j.io.JsonFile;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole files of arguments as several versions of transformers write them. */
class TransformersArgumentsTest {
  private static ObjectNode theirs(String version, String name) throws IOException {
    return (ObjectNode) Fixture.load("trainer/arguments").json().get(version).get(name);
  }

  private record Read(TrainingArguments args, String warnings) {}

  private static Read read(ObjectNode json) {
    PrintStream err = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      return new Read(
          TrainingArguments.fromJson(json), bytes.toString(StandardCharsets.UTF_8).strip());
    } finally {
      System.setErr(err);
    }
  }

  private static Read read(String json) {
    return read(JsonFile.parse("{" + json + "}"));
  }

  @ParameterizedTest
  @CsvSource({"4.30.2, true", "4.57.1, false", "5.24.0, false"})
  void theirDefaultsAreReadWhole(String version, boolean otherOptimizer) throws IOException {
    Read read = read(theirs(version, "default"));
    assertThat(read.warnings())
        .isEqualTo(
            otherOptimizer
                ? "WARN optim adamw_hf: adamw_torch is taken, which adds adam_epsilon a little later"
                : "");
    TrainingArguments args = read.args();
    assertThat(args.outputDir()).isEqualTo(Path.of("out"));
    assertThat(args.numTrainEpochs()).isEqualTo(3);
    assertThat(args.maxSteps()).isEqualTo(-1);
    assertThat(args.perDeviceTrainBatchSize()).isEqualTo(8);
    assertThat(args.perDeviceEvalBatchSize()).isEqualTo(8);
    assertThat(args.learningRate()).isEqualTo(5e-5);
    assertThat(args.lrSchedulerType()).isEqualTo(SchedulerType.LINEAR);
    assertThat(args.warmupSteps(1000)).isZero();
    assertThat(args.reportTo()).isEqualTo(ReportTo.NONE);
    assertThat(args.loggingSteps()).isEqualTo(500);
    assertThat(args.evalStrategy()).isEqualTo(IntervalStrategy.NO);
    assertThat(args.saveStrategy()).isEqualTo(IntervalStrategy.STEPS);
    assertThat(args.saveSteps()).isEqualTo(500);
    assertThat(args.saveTotalLimit()).isNull();
    assertThat(args.loadBestModelAtEnd()).isFalse();
    assertThat(args.metricForBestModel()).isNull();
    assertThat(args.seed()).isEqualTo(42);
    assertThat(args.dataSeed()).isEqualTo(42);
    assertThat(args.shuffle()).isTrue();
    assertThat(args.groupByLength()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.30.2", "4.57.1", "5.24.0"})
  void theirOptionsAreObeyed(String version) throws IOException {
    Read read = read(theirs(version, "options"));
    assertThat(read.warnings()).isEmpty();
    TrainingArguments args = read.args();
    assertThat(args.numTrainEpochs()).isEqualTo(2);
    assertThat(args.maxSteps()).isEqualTo(30);
    assertThat(args.perDeviceTrainBatchSize()).isEqualTo(4);
    assertThat(args.perDeviceEvalBatchSize()).isEqualTo(16);
    assertThat(args.gradientAccumulationSteps()).isEqualTo(2);
    assertThat(args.learningRate()).isEqualTo(2e-4);
    assertThat(args.weightDecay()).isEqualTo(0.01);
    assertThat(args.adamBeta1()).isEqualTo(0.8);
    assertThat(args.adamBeta2()).isEqualTo(0.95);
    assertThat(args.adamEpsilon()).isEqualTo(1e-6);
    assertThat(args.maxGradNorm()).isEqualTo(0.5);
    assertThat(args.lrSchedulerType()).isEqualTo(SchedulerType.COSINE);
    assertThat(args.warmupSteps(30)).isEqualTo(6);
    assertThat(args.labelSmoothingFactor()).isEqualTo(0.1);
    assertThat(args.reportTo()).isEqualTo(ReportTo.TENSORBOARD);
    assertThat(args.loggingSteps()).isEqualTo(5);
    assertThat(args.loggingFirstStep()).isTrue();
    assertThat(args.evalStrategy()).isEqualTo(IntervalStrategy.STEPS);
    assertThat(args.evalSteps()).isEqualTo(5);
    assertThat(args.saveSteps()).isEqualTo(20);
    assertThat(args.saveTotalLimit()).isEqualTo(2);
    assertThat(args.loadBestModelAtEnd()).isTrue();
    assertThat(args.metricForBestModel()).isEqualTo("accuracy");
    assertThat(args.greaterIsBetter()).isTrue();
    assertThat(args.groupByLength()).isTrue();
    assertThat(args.seed()).isEqualTo(7);
    assertThat(args.dataSeed()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "report_to": []                                | report_to        | "none"
          "report_to": null                              | report_to        | "none"
          "report_to": ["none"]                          | report_to        | "none"
          "report_to": ["tensorboard"]                   | report_to        | "tensorboard"
          "evaluation_strategy": "epoch"                 | eval_strategy    | "epoch"
          "evaluation_strategy": null                    | eval_strategy    | "steps"
          "evaluation_strategy": "epoch", "eval_strategy": "no" | eval_strategy | "no"
          "train_sampling_strategy": "sequential"        | shuffle          | false
          "train_sampling_strategy": "random"            | shuffle          | true
          "train_sampling_strategy": "group_by_length"   | group_by_length  | true
          "train_sampling_strategy": "group_by_length", "group_by_length": false | group_by_length | false
          "eval_steps": null, "logging_steps": 7         | eval_steps       | 7
          "eval_steps": 100.0                            | eval_steps       | 100
          "warmup_steps": 0                              | warmup_ratio     | 0.0
          "warmup_ratio": null                           | warmup_ratio     | 0.0
          "warmup_steps": 0, "warmup_ratio": 0.5         | warmup_ratio     | 0.5
          "warmup_steps": 5                              | warmup_ratio     | 0.1
          """)
  void otherNamesAndValuesAreOurs(String given, String key, String expected) {
    Read read = read(given);
    assertThat(read.args().toJson().get(key)).hasToString(expected);
    assertThat(read.warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"fp16\": true",
        "\"bf16\": true",
        "\"optim\": \"sgd\"",
        "\"optim\": \"adamw_torch_8bit\"",
        "\"deepspeed\": \"ds.json\"",
        "\"fsdp\": [\"full_shard\"]",
        "\"push_to_hub\": true",
        "\"adafactor\": true",
        "\"lr_scheduler_kwargs\": {\"num_cycles\": 2}",
        "\"dataloader_drop_last\": true",
        "\"ignore_data_skip\": true",
        "\"neftune_noise_alpha\": 5",
        "\"eval_delay\": 2",
        "\"eval_on_start\": true",
        "\"per_gpu_train_batch_size\": 8",
        "\"resume_from_checkpoint\": \"out/checkpoint-8\""
      })
  void whatWouldChangeAResultIsRefused(String given) {
    String key = given.substring(1, given.indexOf('"', 1));
    assertThatThrownBy(() -> read(given))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(key + ": this option is not supported, found ");
  }

  @Test
  void anotherSamplerIsRefused() {
    assertThatThrownBy(() -> read("\"train_sampling_strategy\": \"batch_rebalance\""))
        .hasMessage(
            "train_sampling_strategy: expected one of [random, sequential, group_by_length],"
                + " found \"batch_rebalance\"");
    assertThatThrownBy(() -> read("\"report_to\": [\"tensorboard\", \"wandb\"]"))
        .hasMessage(
            "report_to: expected one of [none, tensorboard], found [\"tensorboard\",\"wandb\"]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"gradient_checkpointing\": true",
        "\"torch_compile\": true",
        "\"dataloader_num_workers\": 4",
        "\"optim\": \"adamw_torch_fused\"",
        "\"hub_model_id\": \"me/mine\", \"push_to_hub\": false",
        "\"neftune_noise_alpha\": 0, \"past_index\": -1, \"eval_delay\": 0.0",
        "\"log_level\": \"passive\", \"run_name\": \"x\", \"disable_tqdm\": true"
      })
  void whatChangesNoResultIsPassedOver(String given) {
    Read read = read(given);
    assertThat(read.args().toJson()).isEqualTo(TrainingArguments.defaults().toJson());
    assertThat(read.warnings()).isEmpty();
  }

  /** A slip of the pen must not be one of another version. */
  @Test
  void anUnknownKeyIsRefusedOrNamed() {
    assertThatThrownBy(() -> read("\"learning_rat\": 0.1, \"seed\": 5"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "learning_rat: unknown training argument; known are num_train_epochs")
        .hasMessageContaining("learning_rate");
    assertThatThrownBy(() -> read("\"of_next_year\": 0"))
        .hasMessageStartingWith("of_next_year: unknown training argument; ");
    assertThatThrownBy(() -> read("\"a\": 1, \"b\": null, \"c\": \"on\""))
        .hasMessageStartingWith("a, c: unknown training arguments; ");
    assertThat(read("\"of_next_year\": null, \"shufle\": false, \"x\": [], \"y\": {}").warnings())
        .isEqualTo("WARN of_next_year, shufle, x, y: unknown here and passed over, since off");
  }
}
