package org.gpt2j.server;

/** How much one request may ask for. */
final class Limits {
  /** Bytes of a body. */
  static final int BODY_BYTES = 1 << 20;

  /** Texts of a request. */
  static final int TEXTS = 256;

  /** Characters (UTF-16) of a text. */
  static final int CHARACTERS = 20_000;

  /** Fields of a table, those included that rows are filled up with. */
  static final int FIELDS = 1 << 20;

  /** Broken rows of a table that are told of, each with its line. */
  static final int BROKEN_ROWS = 20;

  /** Parts of a text whose influence is computed; a text of more words is cut into this many. */
  static final int EXPLAINED_PARTS = 48;

  /** Tokens of a continuation, also where the model's own files say more. */
  static final int NEW_TOKENS = 256;

  /** Texts before which a continuation ends. */
  static final int STOPS = 8;

  /** Continuations that wait or run. */
  static final int GENERATIONS = 8;

  private Limits() {}
}
