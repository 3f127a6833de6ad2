package org.gpt2j.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files either open and can be read in full, or give a SafetensorsException. */
class SafetensorsFuzzTest {
  private static final String ALPHABET = "{}[]\":,.-0123456789eEnultrfas\\ \0\u00ff";

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"shapes", "all_dtypes", "odd_names", "six_bit", "widening"})
  void damagedHeaders(String name) throws Exception {
    byte[] original = Files.readAllBytes(SafetensorsFixtures.path(name + ".safetensors"));
    int headerLength = (int) ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    byte[] header = Arrays.copyOfRange(original, 8, 8 + headerLength);
    Random random = new Random(2024);
    int refused = 0;
    for (int i = 0; i < 600; i++) {
      byte[] damaged = damage(header, random);
      int data = original.length - 8 - headerLength;
      // A true length keeps the damage in the JSON; now and then the length is damaged too.
      long length = i % 10 == 0 ? random.nextInt(2 * headerLength) : damaged.length;
      refused += readAll(SafetensorsFixtures.blob(length, damaged, data)) ? 0 : 1;
    }
    assertThat(refused).isBetween(300, 600);
  }

  @Test
  void randomBytes() {
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      assertThat(readAll(SafetensorsFixtures.blob(bytes, 0))).isFalse();
    }
  }

  /** One to three bytes replaced, removed, inserted or repeated. */
  private static byte[] damage(byte[] header, Random random) {
    StringBuilder text = new StringBuilder(new String(header, StandardCharsets.ISO_8859_1));
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      int at = random.nextInt(text.length() - 20);
      char c = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
      switch (random.nextInt(5)) {
        case 0 -> text.setCharAt(at, c);
        case 1 -> text.deleteCharAt(at);
        case 2 -> text.insert(at, c);
        case 3 -> text.insert(at, text.substring(at, at + random.nextInt(20)));
        default -> text.delete(at, at + random.nextInt(20));
      }
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Whether the file opens; if so all of it must be readable. */
  private boolean readAll(byte[] content) {
    try (SafetensorsFile file = SafetensorsFixtures.open(directory, content)) {
      for (String name : file.names()) {
        TensorInfo info = file.info(name);
        assertThat(file.bytes(name).remaining()).isEqualTo((int) info.byteLength());
        if (FloatConversion.canWiden(info.dtype())) {
          assertThat(file.floats(name)).hasSize((int) info.elementCount());
        }
      }
      return true;
    } catch (SafetensorsException e) {
      assertThat(e).hasMessageContaining("model.safetensors");
      return false;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
