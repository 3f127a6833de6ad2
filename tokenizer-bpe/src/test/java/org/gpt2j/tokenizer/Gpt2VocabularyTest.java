package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GPT-2's own vocabulary, against golden ids of Hugging Face tokenizers and against JTokkit. */
class Gpt2VocabularyTest {
  private static Path dir;
  private static Gpt2Tokenizer tokenizer;

  /** Not BeforeAll, where Surefire does not report an aborted test as skipped. */
  @BeforeEach
  void load() throws IOException {
    dir = SharedData.require("gpt2-tokenizer");
    if (tokenizer == null) {
      tokenizer = Gpt2Tokenizer.fromPretrained(dir);
    }
  }

  @Test
  void encodesAsHuggingFaceDoes() {
    JsonNode texts = Golden.read("gpt2.json").path("texts");
    assertThat(texts.size()).isGreaterThan(700);
    for (JsonNode node : texts) {
      String text = node.path("text").textValue();
      assertThat(tokenizer.encode(text))
          .as(Golden.show(text))
          .isEqualTo(Golden.ints(node.path("ids")));
      assertThat(tokenizer.encode(text, SpecialTokens.ALLOWED))
          .as(Golden.show(text))
          .isEqualTo(Golden.ints(node.path("ids_special")));
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }
  }

  @Test
  void decodesAsHuggingFaceDoes() {
    JsonNode lists = Golden.read("gpt2.json").path("decoded");
    assertThat(lists.size()).isGreaterThan(500);
    for (JsonNode node : lists) {
      int[] ids = Golden.ints(node.path("ids"));
      assertThat(tokenizer.decode(ids))
          .as(Arrays.toString(ids))
          .isEqualTo(node.path("text").textValue());
      assertThat(tokenizer.decode(ids, true))
          .as(Arrays.toString(ids))
          .isEqualTo(node.path("skipped").textValue());
    }
  }

  @Test
  void encodesAsJTokkitDoes() throws IOException {
    Encoding jtokkit = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
    RandomTexts texts = new RandomTexts(12);
    for (int i = 0; i < 20_000; i++) {
      String text = texts.next();
      assertThat(tokenizer.encode(text))
          .as(Golden.show(text))
          .isEqualTo(jtokkit.encodeOrdinary(text).toArray());
    }
    for (String line : Files.readAllLines(SharedData.require("data/SMSSpamCollection"))) {
      assertThat(tokenizer.encode(line)).as(line).isEqualTo(jtokkit.encodeOrdinary(line).toArray());
    }
  }

  @Test
  void decodesBackWhatItEncoded() {
    RandomTexts texts = new RandomTexts(13);
    for (int i = 0; i < 20_000; i++) {
      String text = texts.next();
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
      assertThat(tokenizer.decode(tokenizer.encode(text, SpecialTokens.ALLOWED))).isEqualTo(text);
    }
  }

  @Test
  void knowsItsSpecialToken() {
    assertThat(tokenizer.vocabSize()).isEqualTo(50257);
    assertThat(tokenizer.eosTokenId()).hasValue(50256);
    assertThat(tokenizer.bosTokenId()).hasValue(50256);
    assertThat(tokenizer.padTokenId()).isEmpty();
    assertThat(tokenizer.withEosAsPadToken().padTokenId()).hasValue(50256);
    assertThat(tokenizer.idToToken(262)).isEqualTo("\u0120the");
    assertThat(tokenizer.tokenToId("\u0120the")).hasValue(262);
  }

  /** Expected ids: those of tokenizers 0.23.2 on 64 kB of the same. */
  @Test
  void encodesAMegabyteOfOneCharacter() {
    assertThat(tokenizer.encode("a".repeat(1 << 20))).hasSize(1 << 18).containsOnly(24794);
    assertThat(tokenizer.encode("9".repeat(1 << 20))).hasSize(1 << 18).containsOnly(24214);
    assertThat(tokenizer.encode(" ".repeat(1 << 20))).hasSize(1 << 20).containsOnly(220);
    String bang = "!".repeat(1 << 20);
    assertThat(tokenizer.decode(tokenizer.encode(bang)).equals(bang)).isTrue();
    int[] ideographs = tokenizer.encode("\u65e5".repeat(1 << 18));
    assertThat(ideographs).hasSize(1 << 19).containsOnly(33768, 98);
  }

  @Test
  void readsVocabAndMergesAsTheSameTokenizer(@TempDir Path copy) throws IOException {
    for (String name : List.of("vocab.json", "merges.txt")) {
      Files.copy(dir.resolve(name), copy.resolve(name));
    }
    Gpt2Tokenizer other = Gpt2Tokenizer.fromPretrained(copy);
    assertSame(other, tokenizer);
  }

  @Test
  void savesAndLoadsTheSameTokenizer(@TempDir Path copy) throws IOException {
    tokenizer.savePretrained(copy);
    assertSame(Gpt2Tokenizer.fromPretrained(copy), tokenizer);
    assertThat(copy.resolve("merges.txt")).hasSameBinaryContentAs(dir.resolve("merges.txt"));
  }

  private static void assertSame(Gpt2Tokenizer actual, Gpt2Tokenizer expected) {
    int[] all = IntStream.range(0, expected.vocabSize()).toArray();
    assertThat(actual.vocabSize()).isEqualTo(expected.vocabSize());
    assertThat(Arrays.stream(all).mapToObj(actual::idToToken).toList())
        .isEqualTo(Arrays.stream(all).mapToObj(expected::idToToken).toList());
    assertThat(actual.eosTokenId()).isEqualTo(expected.eosTokenId());
    RandomTexts texts = new RandomTexts(14);
    for (int i = 0; i < 2000; i++) {
      String text = texts.next();
      assertThat(actual.encode(text)).isEqualTo(expected.encode(text));
      assertThat(actual.encode(text, SpecialTokens.ALLOWED))
          .isEqualTo(expected.encode(text, SpecialTokens.ALLOWED));
    }
  }
}
