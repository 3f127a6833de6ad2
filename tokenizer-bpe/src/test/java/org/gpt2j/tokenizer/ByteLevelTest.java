package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ByteLevelTest {
  @Test
  void givesEachByteItsCharacter() {
    byte[] all = new byte[256];
    for (int b = 0; b < 256; b++) {
      all[b] = (byte) b;
    }
    String token = ByteLevel.toToken(all);
    assertThat(token.chars().distinct().count()).isEqualTo(256);
    assertThat(ByteLevel.toBytes(token)).isEqualTo(all);
    assertThat(ByteLevel.charOf(0)).isEqualTo('\u0100');
    assertThat(ByteLevel.charOf(' ')).isEqualTo('\u0120');
    assertThat(ByteLevel.charOf('\n')).isEqualTo('\u010a');
    assertThat(ByteLevel.charOf('~')).isEqualTo('~');
    assertThat(ByteLevel.charOf(127)).isEqualTo('\u0121');
    assertThat(ByteLevel.charOf(160)).isEqualTo('\u0142');
    assertThat(ByteLevel.charOf(173)).isEqualTo('\u0143');
    assertThat(ByteLevel.charOf(255)).isEqualTo('\u00ff');
  }

  @Test
  void takesTokensOutsideTheTableAsTheirOwnText() {
    String token = "<|\u7d42|> x";
    assertThat(ByteLevel.isByteLevel(token)).isFalse();
    assertThat(ByteLevel.toBytes(token)).isEqualTo(token.getBytes(StandardCharsets.UTF_8));
    assertThat(ByteLevel.isByteLevel("<|endoftext|>")).isTrue();
  }
}
