package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class Gpt2TokenizerTest {
  private final Gpt2Tokenizer tokenizer = SmallTokenizer.train();

  private List<String> tokens(String text) {
    return Arrays.stream(tokenizer.encode(text)).mapToObj(tokenizer::idToToken).toList();
  }

  @Test
  void encodesPiecesIntoTheLongestMerges() {
    assertThat(tokens("the cat's")).containsExactly("the", "\u0120cat", "'s");
    assertThat(tokens("xyz")).containsExactly("x", "y", "z");
    assertThat(tokens("")).isEmpty();
  }

  @Test
  void decodesBackWhatItEncoded() {
    RandomTexts texts = new RandomTexts(31);
    for (int i = 0; i < 20_000; i++) {
      String text = texts.next();
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
      assertThat(tokenizer.decode(tokenizer.encode(text, SpecialTokens.ALLOWED))).isEqualTo(text);
    }
  }

  @Test
  void replacesLoneSurrogates() {
    assertThat(tokenizer.encode("a\uD800 b\uDC00")).isEqualTo(tokenizer.encode("a\uFFFD b\uFFFD"));
    assertThat(tokenizer.decode(tokenizer.encode("\uDE00\uD83D"))).isEqualTo("\uFFFD\uFFFD");
  }

  @Test
  void readsSpecialTokensAsTextUnlessAllowed() {
    String text = "cat" + SmallTokenizer.END + " sat";
    assertThat(tokenizer.encode(text)).doesNotContain(0).hasSizeGreaterThan(10);
    int[] allowed = tokenizer.encode(text, SpecialTokens.ALLOWED);
    assertThat(allowed).containsOnlyOnce(0);
    assertThat(tokenizer.decode(allowed)).isEqualTo(text);
    assertThat(tokenizer.decode(allowed, true)).isEqualTo("cat sat");
    assertThat(tokenizer.decode(tokenizer.encode(text), true)).isEqualTo(text);
  }

  @Test
  void encodesLongPiecesLikeShortOnes() {
    // On both sides of the length where the search for the next merge changes.
    for (int n = 1; n < 200; n++) {
      String run = "the".repeat(n);
      int[] ids = tokenizer.encode(run);
      assertThat(ids).hasSize(n).containsOnly(tokenizer.tokenToId("the").orElseThrow());
    }
  }

  @Test
  void encodesAMegabyteOfOneLetter() {
    assertThat(tokenizer.encode("z".repeat(1 << 20)))
        .hasSize(1 << 20)
        .containsOnly(tokenizer.tokenToId("z").orElseThrow());
    String exclamation = "!".repeat(1 << 20);
    assertThat(tokenizer.encode(exclamation))
        .hasSize(1 << 18)
        .containsOnly(tokenizer.tokenToId("!!!!").orElseThrow());
    String spaces = " ".repeat(1 << 20) + "x";
    assertThat(tokenizer.decode(tokenizer.encode(spaces)).equals(spaces)).isTrue();
  }

  /** What is linear in the text takes a moment; what is not would take hours. */
  @Test
  void encodesAMegabyteOfMarksOfEmojiAndOfBlanks() {
    for (String unit :
        List.of("\u0301\u0316", "\uD83D\uDC69\u200D", " ", "\t", "\u2003", "a\u0301", "'", "1 ")) {
      String text = unit.repeat((1 << 20) / unit.length());
      assertThat(tokenizer.decode(tokenizer.encode(text)).equals(text))
          .as(Golden.show(unit))
          .isTrue();
    }
  }

  @Test
  void decodesBytesOfPartialCharacters() {
    int[] ids = tokenizer.encode("\u20ac"); // no merge of this sign: one token per byte
    assertThat(ids).hasSize(3);
    assertThat(tokenizer.decodeBytes(ids)).isEqualTo("\u20ac".getBytes(StandardCharsets.UTF_8));
    assertThat(tokenizer.decodeBytes(ids[0])).containsExactly(0xE2);
    assertThat(tokenizer.decode(new int[] {ids[0], ids[1]})).isEqualTo("\uFFFD");
    assertThat(tokenizer.decode(new int[0])).isEmpty();
  }

  @Test
  void refusesUnknownIds() {
    for (int id : new int[] {-1, Integer.MIN_VALUE}) {
      assertThatThrownBy(() -> tokenizer.decode(new int[] {5, id}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("token id: expected 0 or more, found " + id);
    }
    String message =
        "token id: expected one of 0 to " + (tokenizer.vocabSize() - 1) + " with a token, found ";
    for (int id : new int[] {-1, tokenizer.vocabSize(), Integer.MIN_VALUE}) {
      assertThatThrownBy(() -> tokenizer.idToToken(id))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message + id);
    }
    assertThat(tokenizer.tokenToId("no such token")).isEmpty();
  }

  /** A model's vocabulary may be padded to a round number; such ids are no text in transformers. */
  @Test
  void decodesIdsWithoutATokenToNothing() {
    int the = tokenizer.tokenToId("the").orElseThrow();
    int[] ids = {the, tokenizer.vocabSize(), the, Integer.MAX_VALUE};
    assertThat(tokenizer.decode(ids)).isEqualTo("thethe");
    assertThat(tokenizer.decode(ids, true)).isEqualTo("thethe");
    assertThat(tokenizer.decodeBytes(tokenizer.vocabSize())).isEmpty();
  }

  @Test
  void padsToTheLongestRow() {
    Gpt2Tokenizer padding = tokenizer.withPadToken(SmallTokenizer.PAD);
    int[] the = tokenizer.encode("the");
    int[] cats = tokenizer.encode("the cat the");
    assertThat(cats).hasSize(3);
    BatchEncoding batch =
        padding.encodeBatch(List.of("the", "", "the cat the"), 100, Padding.LONGEST);
    assertThat(batch.inputIds()).isDeepEqualTo(new int[][] {{the[0], 1, 1}, {1, 1, 1}, cats});
    assertThat(batch.attentionMask()).isDeepEqualTo(new int[][] {{1, 0, 0}, {0, 0, 0}, {1, 1, 1}});
  }

  @Test
  void cutsAndPadsToTheMaximum() {
    Gpt2Tokenizer padding = tokenizer.withEosAsPadToken();
    int[] cats = tokenizer.encode("the cat the");
    BatchEncoding cut = padding.encodeBatch(List.of("the cat the", "the"), 2, Padding.LONGEST);
    assertThat(cut.inputIds()).isDeepEqualTo(new int[][] {{cats[0], cats[1]}, {cats[0], 0}});
    assertThat(cut.attentionMask()).isDeepEqualTo(new int[][] {{1, 1}, {1, 0}});
    BatchEncoding padded = padding.encodeBatch(List.of("the"), 3, Padding.MAX_LENGTH);
    assertThat(padded.inputIds()).isDeepEqualTo(new int[][] {{cats[0], 0, 0}});
    assertThat(padded.attentionMask()).isDeepEqualTo(new int[][] {{1, 0, 0}});
    assertThat(padding.encodeBatch(List.of(), 3, Padding.MAX_LENGTH).inputIds()).isEmpty();
  }

  @Test
  void cutsAndPadsAtTheBeginningWhereAsked() {
    Gpt2Tokenizer left = tokenizer.withEosAsPadToken().withTruncationSide(Side.LEFT);
    int[] cats = tokenizer.encode("the cat sat");
    assertThat(cats).hasSize(3);
    assertThat(left.truncate(cats, 2)).containsExactly(cats[1], cats[2]);
    assertThat(tokenizer.truncate(cats, 2)).containsExactly(cats[0], cats[1]);
    assertThat(left.truncate(cats, 3)).isSameAs(cats);
    assertThatThrownBy(() -> left.truncate(cats, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxLength: expected 1 or more, found 0");
    BatchEncoding batch =
        left.withPaddingSide(Side.LEFT)
            .encodeBatch(List.of("the cat sat", "the"), 2, Padding.LONGEST);
    assertThat(batch.inputIds()).isDeepEqualTo(new int[][] {{cats[1], cats[2]}, {0, cats[0]}});
    assertThat(batch.attentionMask()).isDeepEqualTo(new int[][] {{1, 1}, {0, 1}});
    assertThat(left.truncationSide()).isEqualTo(Side.LEFT);
    assertThat(left.paddingSide()).isEqualTo(Side.RIGHT);
    assertThat(left.withModelMaxLength(7).withEosAsPadToken().truncationSide())
        .isEqualTo(Side.LEFT);
  }

  @Test
  void refusesBatchesItCannotMake() {
    assertThatThrownBy(() -> tokenizer.encodeBatch(List.of("a"), 4, Padding.LONGEST))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the tokenizer has no pad token, set one with withPadToken");
    assertThatThrownBy(() -> tokenizer.encodeBatch(List.of("a"), 0, Padding.LONGEST))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxLength: expected 1 or more, found 0");
  }

  @Test
  void setsPadTokenAndModelMaxLengthOnACopy() {
    Gpt2Tokenizer copy = tokenizer.withEosAsPadToken().withModelMaxLength(64);
    assertThat(copy.padTokenId()).hasValue(0);
    assertThat(copy.modelMaxLength()).hasValue(64);
    assertThat(tokenizer.padTokenId()).isEmpty();
    assertThat(tokenizer.modelMaxLength()).isEmpty();
    // A token that becomes the pad token becomes special.
    int[] ids = {tokenizer.tokenToId("the").orElseThrow()};
    assertThat(tokenizer.withPadToken("the").decode(ids, true)).isEmpty();
    assertThat(tokenizer.decode(ids, true)).isEqualTo("the");
    assertThatThrownBy(() -> tokenizer.withPadToken("[PAD]"))
        .hasMessage("pad token: expected a token of the vocabulary, found \"[PAD]\"");
    assertThatThrownBy(() -> tokenizer.withModelMaxLength(0))
        .hasMessage("length: expected 1 or more, found 0");
    Gpt2Tokenizer bare = new BpeTrainer().train(Collections.emptyIterator());
    assertThatThrownBy(bare::withEosAsPadToken).hasMessage("the tokenizer has no eos token");
  }

  @Test
  void encodesTheSameFromSeveralThreads() {
    List<String> texts =
        IntStream.range(0, 2000)
            .mapToObj(i -> "the cat " + i + " sat" + "ab".repeat(i % 70))
            .toList();
    List<int[]> expected = texts.stream().map(tokenizer::encode).toList();
    List<int[]> actual = texts.parallelStream().map(tokenizer::encode).toList();
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).isEqualTo(expected.get(i));
    }
  }
}
