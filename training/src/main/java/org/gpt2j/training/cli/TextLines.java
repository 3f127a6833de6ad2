package org.gpt2j.training.cli;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.gpt2j.io.ByteOrderMark;
import org.gpt2j.io.ForeignFile;

/**
 * Texts that a command takes: its arguments, or one a line of standard input, UTF-8 or as a byte
 * order mark says. Lines end in LF, CRLF or CR.
 */
final class TextLines {
  private final BufferedReader in;
  private final PrintWriter err;
  private final Charset marked;
  private int number;
  private int exitCode;

  private TextLines(BufferedReader in, PrintWriter err, Charset marked) {
    this.in = in;
    this.err = err;
    this.marked = marked;
  }

  /**
   * Reads System.in; waits until something is there.
   *
   * @param err where it is said what is skipped
   * @throws IOException if it begins as something other than text does
   */
  static TextLines open(PrintWriter err) throws IOException {
    BufferedInputStream in = new BufferedInputStream(System.in);
    byte[] head = new byte[ForeignFile.HEAD];
    in.mark(head.length);
    head = Arrays.copyOf(head, Math.max(0, in.read(head)));
    in.reset();
    Optional<ByteOrderMark> mark = ByteOrderMark.of(head);
    int start = mark.map(ByteOrderMark::length).orElse(0);
    String begin = new String(head, start, head.length - start, StandardCharsets.ISO_8859_1);
    Optional<String> other = ForeignFile.describe(head);
    // A page is no wrong file here: a prompt, or a mail, may be one.
    if (other.isPresent() && !begin.stripLeading().startsWith("<")) {
      throw new IOException("standard input: expected text, found " + other.get());
    }
    in.skipNBytes(start);
    boolean utf16 = mark.isPresent() && !mark.get().charset().equals(StandardCharsets.UTF_8);
    Charset marked = utf16 ? mark.get().charset() : null;
    // UTF-8 comes as one char a byte: each line is decoded on its own, so that a bad one spoils no
    // other.
    CharsetDecoder decoder = (utf16 ? marked : StandardCharsets.ISO_8859_1).newDecoder();
    return new TextLines(new BufferedReader(new InputStreamReader(in, decoder)), err, marked);
  }

  /**
   * The next line; null after the last one, empty where it was skipped.
   *
   * @throws IOException if standard input cannot be read, or is not UTF-16 although a byte order
   *     mark says so
   */
  String next() throws IOException {
    String line;
    try {
      line = in.readLine();
    } catch (CharacterCodingException e) {
      throw new IOException(
          "standard input: expected "
              + marked
              + ", as its byte order mark says, found bytes that are none",
          e);
    }
    if (line == null) {
      return null;
    }
    number++;
    if (line.isEmpty()) {
      return skip("expected a text, found an empty line");
    }
    if (line.indexOf('\0') >= 0) {
      return skip("expected UTF-8 text, found a NUL character (is it UTF-16?)");
    }
    if (marked != null) {
      return line;
    }
    try {
      byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return skip("expected UTF-8 text, found bytes that are none");
    }
  }

  private String skip(String why) {
    err.println("error: line " + number + ": " + why + "; skipped");
    exitCode = 1;
    return "";
  }

  /** Whether the next line can be had without waiting. */
  boolean ready() throws IOException {
    return in.ready();
  }

  /** 1 if a line was skipped, else 0. */
  int exitCode() {
    return exitCode;
  }
}
