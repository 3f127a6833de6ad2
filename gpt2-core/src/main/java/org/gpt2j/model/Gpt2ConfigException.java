package org.gpt2j.model;

import java.io.IOException;

/** A config.json that cannot be used; the message names the file and the key. */
public final class Gpt2ConfigException extends IOException {
  Gpt2ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
