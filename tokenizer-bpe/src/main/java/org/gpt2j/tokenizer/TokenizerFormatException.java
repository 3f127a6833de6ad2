package org.gpt2j.tokenizer;

import java.io.IOException;

/** A tokenizer file that is broken, or asks for something that this library does not do. */
public final class TokenizerFormatException extends IOException {
  TokenizerFormatException(String message) {
    super(message);
  }

  TokenizerFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
