package org.gpt2j.safetensors;

import java.io.IOException;

/**
 * A file that is not a valid safetensors file, or that does not hold what was asked of it. The
 * message is one sentence that names the file and, where there is one, the tensor.
 */
public final class SafetensorsException extends IOException {
  SafetensorsException(String message) {
    super(message);
  }

  SafetensorsException(String message, Throwable cause) {
    super(message, cause);
  }
}
