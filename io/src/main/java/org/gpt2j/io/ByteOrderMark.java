package org.gpt2j.io;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The mark that Windows programs put before a text to say how its characters are encoded
 * (https://www.unicode.org/faq/utf_bom.html).
 *
 * @param charset what it stands for: UTF-8, UTF-16LE or UTF-16BE
 * @param length bytes that it takes, to be left out of the text
 */
public record ByteOrderMark(Charset charset, int length) {
  /**
   * The mark that a text begins with.
   *
   * @param head the first three bytes or more, fewer where there are no more
   */
  public static Optional<ByteOrderMark> of(byte[] head) {
    int first = at(head, 0);
    int second = at(head, 1);
    if (first == 0xEF && second == 0xBB && at(head, 2) == 0xBF) {
      return Optional.of(new ByteOrderMark(StandardCharsets.UTF_8, 3));
    }
    if (first == 0xFF && second == 0xFE) {
      return Optional.of(new ByteOrderMark(StandardCharsets.UTF_16LE, 2));
    }
    if (first == 0xFE && second == 0xFF) {
      return Optional.of(new ByteOrderMark(StandardCharsets.UTF_16BE, 2));
    }
    return Optional.empty();
  }

  private static int at(byte[] bytes, int index) {
    return index < bytes.length ? bytes[index] & 0xFF : -1;
  }
}
