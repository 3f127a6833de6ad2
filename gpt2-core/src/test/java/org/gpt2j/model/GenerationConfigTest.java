package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class GenerationConfigTest {
  record Case(UnaryOperator<GenerationConfig.Builder> change, String sentence) {
    @Override
    public String toString() {
      return sentence;
    }
  }

  static final List<Case> IMPOSSIBLE =
      List.of(
          new Case(b -> b.maxNewTokens(0), "max_new_tokens: expected at least 1, found 0"),
          new Case(b -> b.temperature(0), "temperature: expected a number above 0, found 0.0"),
          new Case(
              b -> b.temperature(Double.NaN), "temperature: expected a number above 0, found NaN"),
          new Case(
              b -> b.temperature(Double.POSITIVE_INFINITY),
              "temperature: expected a number above 0, found Infinity"),
          new Case(b -> b.topK(-1), "top_k: expected at least 1, or 0 for no limit, found -1"),
          new Case(b -> b.topP(1.1), "top_p: expected a probability in [0, 1], found 1.1"),
          new Case(b -> b.topP(-0.1), "top_p: expected a probability in [0, 1], found -0.1"),
          new Case(b -> b.topP(Double.NaN), "top_p: expected a probability in [0, 1], found NaN"),
          new Case(
              b -> b.repetitionPenalty(0),
              "repetition_penalty: expected a number above 0, found 0.0"),
          new Case(
              b -> b.repetitionPenalty(-2),
              "repetition_penalty: expected a number above 0, found -2.0"),
          new Case(
              b -> b.eosTokenId(3, -7),
              "eos_token_id: expected token ids of at least 0, found -7"));

  @ParameterizedTest
  @FieldSource("IMPOSSIBLE")
  void impossibleValuesAreNamed(Case c) {
    assertThatThrownBy(() -> c.change().apply(GenerationConfig.builder()).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(c.sentence());
  }

  /** transformers 5.18: a GenerationConfig's values where it is greedy, or only samples. */
  @Test
  void defaultsAreThoseOfTransformers() {
    GenerationConfig config = GenerationConfig.builder().build();
    assertThat(config.maxNewTokens()).isEqualTo(20);
    assertThat(config.doSample()).isFalse();
    assertThat(config.temperature()).isEqualTo(1);
    assertThat(config.topK()).isEqualTo(50);
    assertThat(config.topP()).isEqualTo(1);
    assertThat(config.repetitionPenalty()).isEqualTo(1);
    assertThat(config.eosTokenId()).isNull();
  }

  @Test
  void aBuilderStartsFromAConfigAndLeavesItAlone() {
    int[] ends = {1, 2};
    GenerationConfig.Builder builder = GenerationConfig.builder().topK(3).eosTokenId(ends);
    GenerationConfig config = builder.build();
    builder.topK(4);
    ends[0] = 9;
    config.eosTokenId()[1] = 9;
    GenerationConfig other = config.toBuilder().seed(5).build();
    assertThat(config.topK()).isEqualTo(3);
    assertThat(config.eosTokenId()).containsExactly(1, 2);
    assertThat(other.topK()).isEqualTo(3);
    assertThat(other.seed()).isEqualTo(5);
    assertThat(config.seed()).isEqualTo(42);
  }
}
