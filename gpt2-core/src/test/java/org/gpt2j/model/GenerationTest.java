package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gpt2j.nn.KeyValueCache;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Continuations against transformers' (fixtures/generation/make_generation.py), and the cache. */
class GenerationTest {
  private static final int VOCAB = 53;
  private static final int POSITIONS = 210;

  static List<Fixture> greedyCases() throws IOException {
    List<Fixture> cases = new ArrayList<>();
    for (JsonNode json : Fixture.load("generation/greedy").json()) {
      cases.add(new Fixture(json.get("name").asText(), json));
    }
    return cases;
  }

  private static Gpt2LMHeadModel model(double gain) throws IOException {
    return model(gain, POSITIONS, DataType.FLOAT);
  }

  private static Gpt2LMHeadModel model(double gain, int positions, DataType type)
      throws IOException {
    Gpt2Config config =
        Gpt2Config.gpt2().toBuilder()
            .vocabSize(VOCAB)
            .nPositions(positions)
            .nEmbd(28)
            .nHead(4)
            .nLayer(2)
            .bosTokenId(0)
            .eosTokenId(0)
            .build();
    return new Gpt2LMHeadModel(config, new SeededWeights(1, gain, type));
  }

  private static int[] ids(int length, int salt) {
    int[] ids = new int[length];
    Arrays.setAll(ids, i -> 1 + (i * i + 7 * i + salt) % (VOCAB - 1));
    return ids;
  }

  private static GenerationConfig.Builder sampling() {
    return GenerationConfig.builder().doSample(true).maxNewTokens(30).eosTokenId();
  }

  /** All prompts at once, and each alone. */
  @ParameterizedTest
  @MethodSource("greedyCases")
  void greedyTokensAreThoseOfTransformers(Fixture fixture) throws IOException {
    JsonNode json = fixture.json();
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(fixture.config(), fixture.weights());
    List<int[]> prompts = new ArrayList<>();
    List<int[]> expected = new ArrayList<>();
    json.get("prompts").forEach(p -> prompts.add(Fixture.ints(p)));
    json.get("new_tokens").forEach(t -> expected.add(Fixture.ints(t)));
    GenerationConfig config =
        GenerationConfig.builder()
            .maxNewTokens(json.get("max_new_tokens").asInt())
            .repetitionPenalty(json.get("repetition_penalty").asDouble())
            .eosTokenId(Fixture.ints(json.get("eos_token_id")))
            .build();

    assertThat(model.generate(prompts, config)).containsExactlyElementsOf(expected);
    for (int i = 0; i < prompts.size(); i++) {
      assertThat(model.generate(List.of(prompts.get(i)), config).get(0))
          .as("prompt %d alone", i)
          .containsExactly(expected.get(i));
    }
  }

  @Test
  void theModelsOwnEndTokenEndsUnlessOthersAreGiven() throws IOException {
    Fixture fixture = greedyCases().get(0);
    int[] prompt = Fixture.ints(fixture.json().get("prompts").get(0));
    int[] all = Fixture.ints(fixture.json().get("new_tokens").get(0));
    assertThat(all).startsWith(91, 3, 54);
    Gpt2LMHeadModel model =
        new Gpt2LMHeadModel(fixture.config().toBuilder().eosTokenId(54).build(), fixture.weights());
    GenerationConfig own = GenerationConfig.builder().build();
    assertThat(model.generate(List.of(prompt), own).get(0)).containsExactly(91, 3, 54);
    GenerationConfig none = own.toBuilder().eosTokenId().build();
    assertThat(model.generate(List.of(prompt), none).get(0))
        .containsExactly(Arrays.copyOf(all, 20));
    GenerationConfig other = own.toBuilder().eosTokenId(1000, 3).build();
    assertThat(model.generate(List.of(prompt), other).get(0)).containsExactly(91, 3);
  }

  /** After each token, from the cache and from nothing, around the borders of pages. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 62, 64, 126})
  void logitsFromTheCacheAreThoseOfAWholePass(int promptLength) throws IOException {
    Gpt2LMHeadModel model = model(8);
    KeyValueCache cache = new KeyValueCache(DataType.FLOAT, 28, 4);
    int[][] texts = {ids(POSITIONS, 1), ids(POSITIONS, 2)};
    int[] lengths = {promptLength, promptLength + 3};
    int[] numbers = {4, 2};
    float[][] logits = new float[2][];
    PackedBatch prompts =
        PackedBatch.of(
            List.of(Arrays.copyOf(texts[0], lengths[0]), Arrays.copyOf(texts[1], lengths[1])));
    model.lastLogits(prompts, cache, numbers, (s, x) -> logits[s] = x.clone());
    for (int step = 0; step < 6; step++) {
      for (int s = 0; s < 2; s++) {
        PackedBatch whole = PackedBatch.of(List.of(Arrays.copyOf(texts[s], lengths[s])));
        Fixture.assertClose(
            "sequence " + s + " at " + lengths[s],
            logits[s],
            Fixture.floats(model.forward(whole, new int[] {lengths[s] - 1})),
            1e-4);
      }
      int[] next = {texts[0][lengths[0]], texts[1][lengths[1]]};
      PackedBatch batch = new PackedBatch(next, lengths.clone(), new int[] {0, 1, 2});
      model.lastLogits(batch, cache, numbers, (s, x) -> logits[s] = x.clone());
      lengths[0]++;
      lengths[1]++;
    }
  }

  @Test
  void thePortableKernelsGenerateTheSame() throws IOException {
    List<int[]> prompts = List.of(ids(3, 1), ids(70, 2), ids(63, 3));
    GenerationConfig config = GenerationConfig.builder().eosTokenId().build();
    List<int[]> fast = model(8).generate(prompts, config);
    List<int[]> inDoubles = model(8, POSITIONS, DataType.DOUBLE).generate(prompts, config);
    assertThat(fast).containsExactlyElementsOf(inDoubles);
  }

  @Test
  void theSameSeedDrawsTheSameAnotherOneOthers() throws IOException {
    Gpt2LMHeadModel model = model(4);
    List<int[]> prompts = List.of(ids(5, 1), ids(5, 1), ids(66, 3));
    List<int[]> first = model.generate(prompts, sampling().seed(7).build());
    assertThat(model.generate(prompts, sampling().seed(7).build()))
        .containsExactlyElementsOf(first);
    assertThat(first.get(1)).isNotEqualTo(first.get(0));
    List<int[]> other = model.generate(prompts, sampling().seed(8).build());
    assertThat(other.get(0)).isNotEqualTo(first.get(0));
    assertThat(other.get(2)).isNotEqualTo(first.get(2));
  }

  /** What a sequence draws does not depend on its neighbours, nor on when they end. */
  @Test
  void neighboursDoNotMatter() throws IOException {
    Gpt2LMHeadModel model = model(4);
    List<int[]> first =
        model.generate(List.of(ids(5, 1), ids(1, 2), ids(9, 3)), sampling().build());
    List<int[]> second =
        model.generate(
            List.of(ids(5, 1), ids(150, 4), ids(9, 3), ids(2, 2)),
            sampling().build(),
            (s, token) -> s != 1);
    assertThat(second.get(0)).containsExactly(first.get(0));
    assertThat(second.get(1)).hasSize(1);
    assertThat(second.get(2)).containsExactly(first.get(2));
    List<int[]> alone = model.generate(List.of(ids(5, 1)), sampling().build());
    assertThat(alone.get(0)).containsExactly(first.get(0));
  }

  @Test
  void theListenerHearsEachTokenAndMayEndASequence() throws IOException {
    Gpt2LMHeadModel model = model(4);
    List<int[]> prompts = List.of(ids(2, 1), ids(3, 2));
    List<List<Integer>> heard = List.of(new ArrayList<>(), new ArrayList<>());
    List<int[]> tokens =
        model.generate(
            prompts,
            sampling().build(),
            (s, token) -> {
              heard.get(s).add(token);
              return s == 0 || heard.get(s).size() < 4;
            });
    assertThat(tokens.get(0)).hasSize(30);
    assertThat(tokens.get(1)).hasSize(4);
    for (int s = 0; s < 2; s++) {
      assertThat(heard.get(s))
          .containsExactlyElementsOf(Arrays.stream(tokens.get(s)).boxed().toList());
    }
  }

  /** A listener that fails leaves nothing behind. */
  @Test
  void afterAFailureTheModelIsAsBefore() throws IOException {
    Gpt2LMHeadModel model = model(4);
    List<int[]> prompts = List.of(ids(2, 1), ids(3, 2));
    List<int[]> expected = model.generate(prompts, sampling().build());
    assertThatThrownBy(
            () ->
                model.generate(
                    prompts,
                    sampling().build(),
                    (s, token) -> {
                      throw new UnsupportedOperationException("no more");
                    }))
        .hasMessage("no more");
    assertThat(model.generate(prompts, sampling().build())).containsExactlyElementsOf(expected);
  }

  /** More prompts than are read in one pass, and more than grow at the same time. */
  @Test
  void manyPromptsTakeTurns() throws IOException {
    Gpt2LMHeadModel model = model(8);
    List<int[]> prompts = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      prompts.add(ids(90 + i, i));
    }
    GenerationConfig config = GenerationConfig.builder().maxNewTokens(5).eosTokenId(7, 8).build();
    List<int[]> together = model.generate(prompts, config);
    assertThat(together.stream().map(t -> t.length).distinct()).hasSizeGreaterThan(1);
    for (int i : new int[] {0, 17, 18, 19, 20, 31, 32, 33, 69}) {
      assertThat(together.get(i))
          .containsExactly(model.generate(List.of(prompts.get(i)), config).get(0));
    }
    assertThat(model.generate(List.of(), config)).isEmpty();
  }

  @Test
  void aFullContextEndsASequence() throws IOException {
    Gpt2LMHeadModel model = model(4, 12, DataType.FLOAT);
    List<int[]> tokens =
        model.generate(List.of(ids(11, 1), ids(5, 2), ids(1, 3)), sampling().build());
    assertThat(tokens.stream().map(t -> t.length)).containsExactly(1, 7, 11);
  }

  @Test
  void impossiblePromptsAreNamed() throws IOException {
    Gpt2LMHeadModel model = model(4, 12, DataType.FLOAT);
    GenerationConfig config = GenerationConfig.builder().build();
    assertThatThrownBy(() -> model.generate(List.of(ids(3, 0), ids(12, 1)), config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "prompt 2: expected 1 to 11 tokens, so that one more fits into n_positions, found 12");
    assertThatThrownBy(() -> model.generate(List.of(new int[0]), config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "prompt 1: expected 1 to 11 tokens, so that one more fits into n_positions, found 0");
    for (int id : new int[] {-1, VOCAB}) {
      assertThatThrownBy(() -> model.generate(List.of(new int[] {1, id}), config))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("prompt 1: expected token ids from 0 to 52, found " + id);
    }
  }
}
