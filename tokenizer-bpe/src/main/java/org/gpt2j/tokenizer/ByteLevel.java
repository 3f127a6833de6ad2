package org.gpt2j.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The table by which byte-level BPE files write each byte as one printable character.
 *
 * <p>Bytes 33..126, 161..172 and 174..255 stand for themselves; the other 68 become U+0100, U+0101
 * ... in order, so a space is U+0120. Source: {@code bytes_to_unicode} of OpenAI's encoder.py.
 */
final class ByteLevel {
  private static final char[] BYTE_TO_CHAR = new char[256];

  /** One past the largest character of the table. */
  private static final int CHAR_LIMIT = 0x100 + 68;

  private static final short[] CHAR_TO_BYTE = new short[CHAR_LIMIT];

  static {
    Arrays.fill(CHAR_TO_BYTE, (short) -1);
    char next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable =
          b >= 33 && b <= 126 || b >= 161 && b <= 172 || b >= 174; // Latin-1 without 173, SHY
      BYTE_TO_CHAR[b] = printable ? (char) b : next++;
      CHAR_TO_BYTE[BYTE_TO_CHAR[b]] = (short) b;
    }
  }

  private ByteLevel() {}

  /** The character for a byte, 0..255. */
  static char charOf(int b) {
    return BYTE_TO_CHAR[b];
  }

  /** The token string that stands for some bytes. */
  static String toToken(byte[] bytes) {
    char[] chars = new char[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      chars[i] = BYTE_TO_CHAR[bytes[i] & 0xff];
    }
    return new String(chars);
  }

  /** True where every character of the token stands for a byte. */
  static boolean isByteLevel(String token) {
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c >= CHAR_LIMIT || CHAR_TO_BYTE[c] < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The bytes that a token stands for. A token with a character outside the table (an added token
   * such as {@code "<|終|>"}) stands for its own UTF-8 bytes, as in Hugging Face's ByteLevel
   * decoder.
   */
  static byte[] toBytes(String token) {
    if (!isByteLevel(token)) {
      return token.getBytes(StandardCharsets.UTF_8);
    }
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) CHAR_TO_BYTE[token.charAt(i)];
    }
    return bytes;
  }
}
