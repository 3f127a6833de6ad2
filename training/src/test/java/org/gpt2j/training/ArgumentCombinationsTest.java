package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Combinations that transformers' TrainingArguments refuses, or completes (make_refusals.py). */
class ArgumentCombinationsTest {
  private static final Path OUTPUT = Path.of("somewhere");

  /** Taken by us on purpose: ours has transformers 4's warmup_ratio. */
  private static final Set<String> TAKEN = Set.of("{\"warmup_ratio\":0.1}");

  /** Not ours: no such schedule, no ratios of steps, no such sampler, 0 for a default. */
  private static final List<String> NOT_OURS =
      List.of(
          "reduce_lr_on_plateau",
          "train_sampling_strategy",
          "\"eval_steps\":0",
          "\"save_steps\":0.",
          "\"logging_steps\":0",
          "\"save_total_limit\":0");

  record Case(JsonNode json) {
    @Override
    public String toString() {
      return json.get("arguments").toString();
    }
  }

  static List<Case> refused() throws IOException {
    List<Case> cases = new ArrayList<>();
    for (JsonNode c : Fixture.load("trainer/refusals").json().get("refused")) {
      if (c.get("at").textValue().equals("TrainingArguments")) {
        cases.add(new Case(c));
      }
    }
    cases.removeIf(c -> TAKEN.contains(c.toString()));
    assertThat(cases).hasSizeGreaterThan(15);
    return cases;
  }

  static List<Case> resolved() throws IOException {
    List<Case> cases = new ArrayList<>();
    for (JsonNode c : Fixture.load("trainer/refusals").json().get("resolved")) {
      cases.add(new Case(c));
    }
    cases.removeIf(c -> NOT_OURS.stream().anyMatch(c.toString()::contains));
    assertThat(cases).hasSizeGreaterThan(20);
    return cases;
  }

  @ParameterizedTest
  @MethodSource
  void refused(Case c) {
    assertThatThrownBy(() -> TheirArguments.of(c.json.get("arguments"), OUTPUT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("\\w+: (expected .+, found .+|unknown training argument; .+)");
  }

  @ParameterizedTest
  @MethodSource
  void resolved(Case c) {
    TrainingArguments args = TheirArguments.of(c.json.get("arguments"), OUTPUT);
    JsonNode expected = c.json.get("resolved");
    assertThat(args.evalStrategy()).hasToString(expected.get("eval_strategy").textValue());
    assertThat(args.saveStrategy()).hasToString(expected.get("save_strategy").textValue());
    assertThat(args.loggingStrategy()).hasToString(expected.get("logging_strategy").textValue());
    assertThat(args.saveSteps()).isEqualTo(expected.get("save_steps").intValue());
    assertThat(args.loadBestModelAtEnd())
        .isEqualTo(expected.get("load_best_model_at_end").booleanValue());
    assertThat(args.metricForBestModel())
        .isEqualTo(expected.get("metric_for_best_model").textValue());
    assertThat(args.greaterIsBetter())
        .isEqualTo(expected.get("greater_is_better").asBoolean(false));
  }
}
