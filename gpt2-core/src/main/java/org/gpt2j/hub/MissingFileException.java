package org.gpt2j.hub;

/** The model is there, and has no such file. */
final class MissingFileException extends HubException {
  private final String commit;

  /**
   * @param commit that lacks the file; null where the server does not say
   */
  MissingFileException(String message, String commit) {
    super(message);
    this.commit = commit;
  }

  String commit() {
    return commit;
  }
}
