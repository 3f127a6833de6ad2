package org.gpt2j.training.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.gpt2j.io.ByteOrderMark;
import org.gpt2j.io.ForeignFile;

/**
 * How the characters of a text are encoded: as its byte order mark says; else UTF-8 where all of it
 * is well-formed; else Windows-1252, the encoding that Excel and old programs of Western Europe and
 * America write.
 *
 * @param charset what it is decoded by
 * @param skip bytes of the byte order mark
 * @param guess why it is taken for Windows-1252; null where nothing was guessed
 */
record TextEncoding(Charset charset, int skip, String guess) {
  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  /**
   * What the bytes 0x80 to 0x9F are in Windows-1252; the five that it leaves undefined are control
   * characters, as browsers read them (https://encoding.spec.whatwg.org/index-windows-1252.txt).
   */
  private static final char[] C1 = new char[32];

  static {
    for (int i = 0; i < C1.length; i++) {
      byte[] one = {(byte) (0x80 + i)};
      try {
        C1[i] = WINDOWS_1252.newDecoder().decode(ByteBuffer.wrap(one)).get(0);
      } catch (CharacterCodingException e) {
        C1[i] = (char) (0x80 + i);
      }
    }
  }

  /**
   * Finds it; a text without a byte order mark is read to its end.
   *
   * @param forced what the user says it is; null to find out
   * @throws DataFileException if the file is empty, or of another kind than text, or begins with
   *     the byte order mark of another encoding than {@code forced}; or if it is UTF-8 but for a
   *     few bytes
   */
  static TextEncoding find(TextSource source, Charset forced) throws IOException {
    byte[] head;
    try (InputStream in = source.open()) {
      head = in.readNBytes(ForeignFile.HEAD);
    }
    if (head.length == 0) {
      throw source.problem("expected text, found an empty file");
    }
    Optional<String> other = ForeignFile.describe(head);
    if (other.isPresent()) {
      throw source.problem("expected text, found " + other.get());
    }
    Optional<ByteOrderMark> mark = ByteOrderMark.of(head);
    if (forced != null) {
      return forced(source, forced, mark);
    }
    if (mark.isPresent()) {
      return new TextEncoding(mark.get().charset(), mark.get().length(), null);
    }
    return new Utf8Check(source).encoding();
  }

  private static TextEncoding forced(
      TextSource source, Charset forced, Optional<ByteOrderMark> mark) throws DataFileException {
    if (mark.isEmpty()) {
      return new TextEncoding(forced, 0, null);
    }
    Charset marked = mark.get().charset();
    boolean utf16 =
        forced.equals(StandardCharsets.UTF_16) && !marked.equals(StandardCharsets.UTF_8);
    if (!marked.equals(forced) && !utf16) {
      throw source.problem(
          "line 1: expected %s, found the byte order mark of %s".formatted(forced, marked));
    }
    return new TextEncoding(marked, mark.get().length(), null);
  }

  /** The text from its first character on. */
  DecodingReader open(TextSource source) throws IOException {
    if (guess == null) {
      return new DecodingReader(
          source, charset.name(), charset.newDecoder(), skip, IntUnaryOperator.identity());
    }
    // Every byte is a character, which no decoder of the JDK grants for Windows-1252.
    return new DecodingReader(
        source,
        charset.name(),
        StandardCharsets.ISO_8859_1.newDecoder(),
        skip,
        c -> c >= 0x80 && c < 0xA0 ? C1[c - 0x80] : c);
  }

  /** Whether bytes are UTF-8, and if not, where. */
  private static final class Utf8Check {
    private final TextSource source;
    private final LineCount lines = new LineCount();
    private long wellFormed;
    private long malformed;
    private String first;

    Utf8Check(TextSource source) throws IOException {
      this.source = source;
      CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
      ByteBuffer bytes = ByteBuffer.allocate(1 << 16).limit(0);
      CharBuffer chars = CharBuffer.allocate(1 << 16);
      try (InputStream in = source.open()) {
        for (int n = 0; n >= 0; ) {
          bytes.compact();
          n = in.read(bytes.array(), bytes.position(), bytes.remaining());
          bytes.position(bytes.position() + Math.max(n, 0)).flip();
          CoderResult result;
          do {
            result = decoder.decode(bytes, chars.clear(), n < 0);
            count(chars.flip());
            if (result.isError()) {
              skip(bytes, result.length());
            }
          } while (!result.isUnderflow());
        }
      }
    }

    private void count(CharBuffer chars) {
      char[] array = chars.array();
      for (int i = 0; i < chars.limit(); i++) {
        lines.add(array[i]);
        wellFormed += array[i] >= 0x80 ? 1 : 0;
      }
    }

    private void skip(ByteBuffer bytes, int length) {
      if (first == null) {
        first = "line %s".formatted(lines.line());
        first += ": expected UTF-8, found the byte 0x%02X".formatted(bytes.get(bytes.position()));
      }
      malformed++;
      bytes.position(bytes.position() + length);
    }

    TextEncoding encoding() throws DataFileException {
      if (first == null) {
        return new TextEncoding(StandardCharsets.UTF_8, 0, null);
      }
      if (wellFormed > malformed) {
        throw source.problem(
            first
                + " where no character can start or go on, among "
                + wellFormed
                + " characters that are UTF-8",
            "--encoding windows-1252 reads them all as that");
      }
      return new TextEncoding(WINDOWS_1252, 0, first);
    }
  }
}
