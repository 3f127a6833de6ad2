package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BpeTrainerTest {
  private static List<String> vocab(Gpt2Tokenizer tokenizer) {
    return IntStream.range(0, tokenizer.vocabSize()).mapToObj(tokenizer::idToToken).toList();
  }

  private static List<String> merges(Gpt2Tokenizer tokenizer) {
    return Arrays.stream(tokenizer.model().merges())
        .mapToObj(tokenizer.model()::mergeText)
        .toList();
  }

  @Test
  void trainsTheVocabularyOfHuggingFace() {
    JsonNode cases = Golden.read("trainer.json");
    assertThat(cases).hasSize(10);
    for (JsonNode node : cases) {
      Gpt2Tokenizer tokenizer =
          new BpeTrainer()
              .vocabSize(node.path("vocab_size").intValue())
              .minFrequency(node.path("min_frequency").longValue())
              .specialTokens(Golden.strings(node.path("special_tokens")))
              .train(Golden.strings(node.path("documents")).iterator());
      assertThat(merges(tokenizer)).isEqualTo(Golden.strings(node.path("merges")));
      assertThat(vocab(tokenizer)).isEqualTo(Golden.strings(node.path("vocab")));
    }
  }

  /** The two tables and the order of merges stay right when they have to grow. */
  @Test
  void sameResultForAnyOrderOfDocuments() {
    RandomTexts texts = new RandomTexts(21);
    List<String> documents = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      documents.add(texts.next());
    }
    BpeTrainer trainer = new BpeTrainer().vocabSize(1000).minFrequency(2);
    Gpt2Tokenizer first = trainer.train(documents.iterator());
    Collections.reverse(documents);
    Gpt2Tokenizer second = trainer.train(documents.iterator());
    assertThat(merges(second)).isEqualTo(merges(first)).hasSizeGreaterThan(200);
    for (String document : documents) {
      assertThat(first.decode(first.encode(document))).isEqualTo(document);
    }
  }

  @Test
  void specialTokensComeFirst() {
    Gpt2Tokenizer tokenizer =
        new BpeTrainer()
            .vocabSize(260)
            .specialTokens(List.of("<|endoftext|>", "<|pad|>", "<|endoftext|>"))
            .train(List.of("aaa aaa").iterator());
    assertThat(vocab(tokenizer)).startsWith("<|endoftext|>", "<|pad|>", "!").hasSize(260);
    assertThat(tokenizer.eosTokenId()).hasValue(0);
    assertThat(tokenizer.padTokenId()).isEmpty();
    assertThat(tokenizer.encode("<|pad|>", SpecialTokens.ALLOWED)).containsExactly(1);
    assertThat(tokenizer.encode("<|pad|>")).hasSize(7);
  }

  @Test
  void reportsEachMerge() {
    List<Integer> sizes = new ArrayList<>();
    new BpeTrainer().vocabSize(258).progress(sizes::add).train(List.of("abab abab").iterator());
    assertThat(sizes).containsExactly(257, 258);
  }

  @Test
  void encodesWithoutAnyMerge() {
    Gpt2Tokenizer bytes = new BpeTrainer().train(Collections.emptyIterator());
    assertThat(bytes.vocabSize()).isEqualTo(256);
    String text = "a\u00e9\uD83D\uDE00";
    assertThat(bytes.encode(text)).hasSize(text.getBytes(StandardCharsets.UTF_8).length);
    assertThat(bytes.decode(bytes.encode(text))).isEqualTo(text);
  }

  @Test
  void refusesWrongOptions() {
    BpeTrainer trainer = new BpeTrainer().vocabSize(256).specialTokens(List.of("<x>"));
    assertThatThrownBy(() -> trainer.train(Collections.emptyIterator()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "vocabSize: expected at least 257 (256 bytes and the special tokens), found 256");
    assertThatThrownBy(() -> trainer.minFrequency(-1))
        .hasMessage("minFrequency: expected 0 or more, found -1");
    assertThatThrownBy(() -> trainer.specialTokens(List.of("")))
        .hasMessage("specialTokens: expected no empty string, found one");
  }
}
