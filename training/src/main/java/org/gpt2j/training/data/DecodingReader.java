package org.gpt2j.training.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.function.IntUnaryOperator;

/**
 * Decodes a text strictly: a byte that is no part of a character, a NUL and half a surrogate pair
 * (which the JDK's UTF-32 and CESU-8 let through) are refused by their line, at the place where
 * reading gets to them.
 */
final class DecodingReader extends Reader {
  private static final int BUFFER = 1 << 14;

  private final TextSource source;
  private final String charset;
  private final InputStream in;
  private final CharsetDecoder decoder;
  private final IntUnaryOperator change;
  private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).limit(0);
  private final CharBuffer chars = CharBuffer.allocate(BUFFER).limit(0);
  private final LineCount lines = new LineCount();
  private DataFileException failure;

  /** Whether the last character was the first half of a surrogate pair. */
  private boolean half;

  private boolean end;
  private long read;

  /**
   * @param skip bytes of a byte order mark
   * @param change what becomes of each character
   */
  DecodingReader(
      TextSource source, String charset, CharsetDecoder decoder, int skip, IntUnaryOperator change)
      throws IOException {
    this.source = source;
    this.charset = charset;
    this.decoder = decoder;
    this.change = change;
    this.in = source.open();
    in.skipNBytes(skip);
  }

  @Override
  public int read(char[] to, int offset, int length) throws IOException {
    while (!chars.hasRemaining()) {
      if (failure != null) {
        throw failure;
      }
      if (end && half) {
        throw halfPair();
      }
      if (end) {
        return -1;
      }
      fill();
    }
    int n = Math.min(length, chars.remaining());
    chars.get(to, offset, n);
    return n;
  }

  private void fill() throws IOException {
    bytes.compact();
    int n = in.read(bytes.array(), bytes.position(), bytes.remaining());
    bytes.position(bytes.position() + Math.max(n, 0)).flip();
    read += Math.max(n, 0);
    chars.clear();
    CoderResult result = decoder.decode(bytes, chars, n < 0);
    if (n < 0 && !result.isError() && !result.isOverflow()) {
      decoder.flush(chars);
      end = true;
    }
    chars.flip();
    char[] decoded = chars.array();
    for (int i = 0; i < chars.limit(); i++) {
      decoded[i] = (char) change.applyAsInt(decoded[i]);
      if (decoded[i] == 0) {
        chars.limit(i);
        failure = source.problem(nul());
        return;
      }
      if (half != Character.isLowSurrogate(decoded[i])) {
        chars.limit(i);
        failure = halfPair();
        return;
      }
      half = Character.isHighSurrogate(decoded[i]);
      lines.add(decoded[i]);
    }
    if (result.isError()) {
      failure =
          source.problem(
              "line %s: expected %s, found the byte 0x%02X where no character can start or go on"
                  .formatted(lines.line(), charset, bytes.get(bytes.position())));
    }
  }

  private DataFileException halfPair() {
    return source.problem(
        "line %s: expected %s text, found half a surrogate pair".formatted(lines.line(), charset));
  }

  private String nul() {
    return "line %s: expected %s text, found a NUL character (is it UTF-16?)"
        .formatted(lines.line(), charset);
  }

  /** How many bytes were decoded or are about to be. */
  long bytesRead() {
    return read;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
