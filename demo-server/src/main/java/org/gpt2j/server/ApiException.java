package org.gpt2j.server;

/** A request that is answered with an error. */
final class ApiException extends Exception {
  private static final long serialVersionUID = 1;

  private final ErrorCode code;

  /**
   * @param message one sentence for the client
   */
  ApiException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  ErrorCode code() {
    return code;
  }
}
