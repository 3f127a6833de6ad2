package org.gpt2j.server;

import java.util.Locale;

/**
 * What can go wrong, with its HTTP status. The names in small letters are part of the interface.
 */
enum ErrorCode {
  /** The body is not one JSON object. */
  INVALID_JSON(400),
  /** The body is not UTF-8. */
  INVALID_UTF8(400),
  /** The body ended early, or its chunks are malformed. */
  MALFORMED_BODY(400),
  /** A key is missing, unknown, or has a value of a wrong type or out of range. */
  INVALID_REQUEST(400),
  /** The body is no table of texts. */
  INVALID_TABLE(400),
  /** A text is empty or blank. */
  EMPTY_TEXT(400),
  /** A text has half of a surrogate pair. */
  INVALID_TEXT(400),
  /** A text has too many characters. */
  TEXT_TOO_LONG(400),
  /** There are too many texts in one request. */
  TOO_MANY_TEXTS(400),
  /** The request names no host, or several. */
  INVALID_HOST(400),
  NOT_FOUND(404),
  METHOD_NOT_ALLOWED(405),
  /** The request did not arrive in time. */
  REQUEST_TIMEOUT(408),
  LENGTH_REQUIRED(411),
  BODY_TOO_LARGE(413),
  /** The body is not announced as JSON or, where that is wanted, a table; or is compressed. */
  UNSUPPORTED_MEDIA_TYPE(415),
  /** The server is bound to loopback, and the request names another host: see {@link HostCheck}. */
  HOST_NOT_ALLOWED(421),
  INTERNAL_ERROR(500),
  /** The model has no language model beneath it. */
  NO_LANGUAGE_MODEL(501),
  /** The queue before the model is full. */
  QUEUE_FULL(503),
  /** Bodies that are being read fill the memory meant for them. */
  OUT_OF_MEMORY(503),
  /** The model had no time for the request. */
  ANSWER_TIMEOUT(503),
  SHUTTING_DOWN(503);

  private final int status;

  ErrorCode(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }

  /** The code as answers have it. */
  String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
