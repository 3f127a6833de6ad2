package org.gpt2j.training.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Texts that a command takes: one a line of standard input, or its arguments. */
final class TextLines {
  private final BufferedReader in;
  private final PrintWriter err;
  private int number;
  private int exitCode;

  /** Reads System.in; what is skipped is said on err. */
  TextLines(PrintWriter err) {
    // One char a byte: each line is decoded on its own, so that a bad one spoils no other.
    this.in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.ISO_8859_1));
    this.err = err;
  }

  /** The next line; null after the last one, empty where it was skipped. */
  String next() throws IOException {
    String line = in.readLine();
    if (line == null) {
      return null;
    }
    number++;
    if (line.isEmpty()) {
      return skip("expected a text, found an empty line");
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
