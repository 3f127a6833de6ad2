package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.gpt2j.nn.CounterRandom;
import org.gpt2j.testing.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against transformers' logits processors (fixtures/generation/make_generation.py). */
class TokenSamplerTest {
  private static final BitSet NONE = new BitSet();

  static List<Fixture> processorCases() throws IOException {
    List<Fixture> cases = new ArrayList<>();
    for (JsonNode json : Fixture.load("generation/processors").json()) {
      cases.add(new Fixture("processors", json));
    }
    return cases;
  }

  private static GenerationConfig config(JsonNode json) {
    return GenerationConfig.builder()
        .doSample(true)
        .temperature(json.get("temperature").asDouble())
        .topK(json.get("top_k").asInt())
        .topP(json.get("top_p").asDouble())
        .repetitionPenalty(json.get("repetition_penalty").asDouble())
        .build();
  }

  private static float[] floats(JsonNode json) {
    float[] values = new float[json.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = json.get(i).floatValue();
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("processorCases")
  void probabilitiesAreThoseOfTransformers(Fixture fixture) {
    JsonNode json = fixture.json();
    float[] logits = floats(json.get("logits"));
    BitSet seen = new BitSet();
    Arrays.stream(Fixture.ints(json.get("input_ids"))).forEach(seen::set);
    TokenSampler sampler = new TokenSampler(config(json), logits.length);

    double[] actual = sampler.probabilities(logits.clone(), seen);

    double[] expected = Fixture.doubles(json.get("probabilities"));
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("token %d of %s", i, json).isCloseTo(expected[i], within(1e-6));
      if (expected[i] == 0) {
        assertThat(actual[i]).as("token %d of %s", i, json).isLessThan(1e-30);
      }
    }
    assertThat(sampler.probabilities(logits.clone(), seen)).as("once more").isEqualTo(actual);
  }

  /** 20,000 draws: each count within five standard deviations of what the probability says. */
  @ParameterizedTest
  @MethodSource("processorCases")
  void tokensAreDrawnAsOftenAsTheirProbabilitySays(Fixture fixture) {
    JsonNode json = fixture.json();
    float[] logits = floats(json.get("logits"));
    BitSet seen = new BitSet();
    Arrays.stream(Fixture.ints(json.get("input_ids"))).forEach(seen::set);
    TokenSampler sampler = new TokenSampler(config(json), logits.length);
    double[] p = sampler.probabilities(logits.clone(), seen);
    int draws = 20_000;
    int[] counts = new int[logits.length];
    for (int i = 0; i < draws; i++) {
      counts[sampler.choose(logits.clone(), seen, 99, i)]++;
    }
    for (int i = 0; i < p.length; i++) {
      double deviation = Math.sqrt(draws * p[i] * (1 - p[i]));
      assertThat((double) counts[i])
          .as("token %d, probability %f", i, p[i])
          .isCloseTo(draws * p[i], within(5 * deviation + 1e-9));
    }
  }

  /** A vocabulary as large as GPT-2's, against the definitions written out with full sorts. */
  @Test
  void aLargeVocabularyIsCutWhereSortingSays() {
    int n = 50_257;
    float[] logits = new float[n];
    for (int i = 0; i < n; i++) {
      logits[i] = (float) (3 * CounterRandom.gaussian(5, i));
    }
    float[] sorted = logits.clone();
    Arrays.sort(sorted);
    for (int k : new int[] {1, 2, 50, 1000, n - 1, n}) {
      GenerationConfig config = GenerationConfig.builder().doSample(true).topK(k).build();
      double[] p = new TokenSampler(config, n).probabilities(logits.clone(), NONE);
      for (int i = 0; i < n; i++) {
        assertThat(p[i] > 0).isEqualTo(logits[i] >= sorted[n - k]);
      }
      assertThat(Arrays.stream(p).sum()).isCloseTo(1, within(1e-9));
    }
    double total = 0;
    for (float x : sorted) {
      total += Math.exp(x);
    }
    for (double topP : new double[] {0.01, 0.5, 0.9, 0.999}) {
      double mass = 0;
      int kept = 0;
      while (mass < topP * total) {
        mass += Math.exp(sorted[n - 1 - kept++]);
      }
      GenerationConfig config = GenerationConfig.builder().topK(0).topP(topP).build();
      double[] p = new TokenSampler(config, n).probabilities(logits.clone(), NONE);
      assertThat(Arrays.stream(p).filter(x -> x > 0).count()).isEqualTo(kept);
      int best = 0;
      for (int i = 0; i < n; i++) {
        best = logits[i] > logits[best] ? i : best;
      }
      assertThat(p[best]).isCloseTo(Math.exp(logits[best]) / mass, within(1e-9));
    }
  }

  @Test
  void greedyTakesTheFirstOfTheLargest() {
    TokenSampler sampler = new TokenSampler(GenerationConfig.builder().build(), 5);
    assertThat(sampler.choose(new float[] {-3, -1, -2, -1, -9}, NONE, 0, 0)).isEqualTo(1);
    assertThat(sampler.choose(new float[] {7, 1, 2, 7, 7}, NONE, 0, 0)).isZero();
  }

  @Test
  void logitsThatAreNotFiniteAreRefused() {
    for (boolean sample : new boolean[] {false, true}) {
      TokenSampler sampler =
          new TokenSampler(GenerationConfig.builder().doSample(sample).build(), 3);
      for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        assertThatThrownBy(() -> sampler.choose(new float[] {1, bad, 2}, NONE, 0, 0))
            .isInstanceOf(ArithmeticException.class)
            .hasMessage("logits: expected finite numbers, found " + bad);
      }
    }
  }
}
