package org.gpt2j.server;

import org.gpt2j.io.Printable;

/** A request that is answered with an error. */
final class ApiException extends Exception {
  private static final long serialVersionUID = 1;

  /** Characters of what a client sent that a message quotes. */
  private static final int QUOTED = 200;

  private final ErrorCode code;

  /**
   * @param message one sentence for the client
   */
  ApiException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  /** What a client sent, on one line and at a length that can be read. */
  static String quoted(String text) {
    String start = text.length() > QUOTED ? text.substring(0, QUOTED) + "..." : text;
    return Printable.line(start);
  }

  ErrorCode code() {
    return code;
  }
}
