package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecodeStreamTest {
  private final Gpt2Tokenizer tokenizer = SmallTokenizer.train();

  /** The token of a single byte: they come in another order than the bytes. */
  private int byteToken(int b) {
    for (int id = 0; id < tokenizer.vocabSize(); id++) {
      byte[] bytes = tokenizer.decodeBytes(id);
      if (bytes.length == 1 && bytes[0] == (byte) b) {
        return id;
      }
    }
    throw new AssertionError("no token for byte " + b);
  }

  private List<String> steps(DecodeStream stream, int... bytes) {
    List<String> pieces = new ArrayList<>();
    for (int b : bytes) {
      pieces.add(stream.step(byteToken(b)));
    }
    return pieces;
  }

  @Test
  void aCharacterComesWhenItIsWhole() {
    DecodeStream stream = tokenizer.decodeStream(false);
    assertThat(steps(stream, 'a', 0xF0, 0x9F, 0x98, 0x80, 'b'))
        .containsExactly("a", "", "", "", "\uD83D\uDE00", "b");
    assertThat(stream.finish()).isEmpty();
  }

  @Test
  void whatCannotBecomeACharacterIsNotHeldBack() {
    DecodeStream stream = tokenizer.decodeStream(false);
    assertThat(steps(stream, 0xC3, 'x', 0x80, 0xE2, 0x82, 0xC3, 0xA9, 0xFF))
        .containsExactly("", "\uFFFDx", "\uFFFD", "", "", "\uFFFD", "\u00e9", "\uFFFD");
    assertThat(stream.finish()).isEmpty();
  }

  @Test
  void anUnfinishedCharacterEndsAsAReplacement() {
    DecodeStream stream = tokenizer.decodeStream(false);
    assertThat(steps(stream, 0xE2, 0x82)).containsExactly("", "");
    assertThat(stream.finish()).isEqualTo("\uFFFD");
    assertThat(steps(stream, 'a')).containsExactly("a");
  }

  /** Any tokens, most of them pieces of no character: together they are what decode gives. */
  @Test
  void piecesTogetherAreTheText() {
    Random random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      // The first ids are the special tokens and the bytes.
      int[] ids = random.ints(1 + random.nextInt(12), 0, 258).toArray();
      for (boolean skip : new boolean[] {false, true}) {
        DecodeStream stream = tokenizer.decodeStream(skip);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
          text.append(stream.step(id));
        }
        text.append(stream.finish());
        assertThat(text.toString()).isEqualTo(tokenizer.decode(ids, skip));
      }
    }
  }

  @Test
  void anIdWithoutATokenIsNoText() {
    DecodeStream stream = tokenizer.decodeStream(true);
    assertThat(steps(stream, 0xC3)).containsExactly("");
    assertThat(stream.step(tokenizer.vocabSize())).isEmpty();
    assertThat(stream.step(Integer.MAX_VALUE)).isEmpty();
    assertThat(steps(stream, 0xA9)).containsExactly("\u00e9");
  }

  @Test
  void aNegativeIdIsRefused() {
    assertThatThrownBy(() -> tokenizer.decodeStream(true).step(-5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("token id: expected 0 or more, found -5");
  }
}
