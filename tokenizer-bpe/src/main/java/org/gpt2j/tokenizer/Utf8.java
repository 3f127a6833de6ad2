package org.gpt2j.tokenizer;

import java.nio.charset.StandardCharsets;

/** UTF-8 as Rust sees it, where it differs from Java's own conversion. */
final class Utf8 {
  private static final char REPLACEMENT = '\uFFFD';

  private Utf8() {}

  /** UTF-8 bytes of a text; a surrogate without its partner is written as U+FFFD, not as "?". */
  static byte[] encode(String text) {
    return (isWellFormed(text) ? text : replaceLoneSurrogates(text))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** False where a surrogate lacks its partner. */
  static boolean isWellFormed(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!isPairAt(text, i)) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  private static boolean isPairAt(String text, int i) {
    return i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
  }

  private static String replaceLoneSurrogates(String text) {
    StringBuilder fixed = new StringBuilder(text);
    for (int i = 0; i < text.length(); i++) {
      if (isPairAt(text, i)) {
        i++;
      } else if (Character.isSurrogate(text.charAt(i))) {
        fixed.setCharAt(i, REPLACEMENT);
      }
    }
    return fixed.toString();
  }

  /**
   * Text of some bytes, with one U+FFFD for each maximal part of a sequence that is no valid UTF-8,
   * as Rust's {@code String::from_utf8_lossy} does (Unicode 16, section 3.9, table 3-11). Java's
   * own conversion writes one U+FFFD for the three bytes of an encoded surrogate, where Rust writes
   * three.
   */
  static String decodeLossy(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    int i = 0;
    while (i < bytes.length) {
      int lead = bytes[i] & 0xff;
      if (lead < 0x80) {
        text.append((char) lead);
        i++;
        continue;
      }
      int length = validPrefix(bytes, i);
      text.appendCodePoint(
          length == sequenceLength(lead) ? codePointAt(bytes, i, length) : REPLACEMENT);
      i += length;
    }
    return text.toString();
  }

  /** Length in bytes of the sequence that a lead byte announces; 0 where none can start so. */
  private static int sequenceLength(int lead) {
    if (lead < 0x80) {
      return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
      return 0;
    }
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }

  /** How many bytes from i are the start of a valid sequence; at least 1. */
  private static int validPrefix(byte[] bytes, int i) {
    int lead = bytes[i] & 0xff;
    int end = Math.min(bytes.length, i + sequenceLength(lead));
    int at = i + 1;
    while (at < end) {
      int b = bytes[at] & 0xff;
      // The second byte is limited so that no overlong form, surrogate or value above U+10FFFF
      // fits.
      int low = at > i + 1 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      int high = at > i + 1 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      if (b < low || b > high) {
        break;
      }
      at++;
    }
    return at - i;
  }

  /** How many bytes at the end are the start of a sequence that more bytes may complete. */
  static int incompleteTail(byte[] bytes) {
    for (int i = Math.max(0, bytes.length - 3); i < bytes.length; i++) {
      int rest = bytes.length - i;
      if (sequenceLength(bytes[i] & 0xff) > rest && validPrefix(bytes, i) == rest) {
        return rest;
      }
    }
    return 0;
  }

  /** The code point of a valid sequence of that many bytes. */
  static int codePointAt(byte[] bytes, int i, int length) {
    int b0 = bytes[i];
    return switch (length) {
      case 1 -> b0;
      case 2 -> (b0 & 0x1f) << 6 | bytes[i + 1] & 0x3f;
      case 3 -> (b0 & 0x0f) << 12 | (bytes[i + 1] & 0x3f) << 6 | bytes[i + 2] & 0x3f;
      default ->
          (b0 & 0x07) << 18
              | (bytes[i + 1] & 0x3f) << 12
              | (bytes[i + 2] & 0x3f) << 6
              | bytes[i + 3] & 0x3f;
    };
  }
}
