package org.gpt2j.nn;

/**
 * ND4J and its native libraries cannot be loaded, for the rest of this process. The message is one
 * sentence that names the reason and, where the libraries are at fault, the directory they are
 * unpacked into and the system property {@code org.bytedeco.javacpp.cachedir}, which names another
 * one. What computes throws it, and so does what loads a model.
 */
public final class NativeCodeException extends RuntimeException {
  NativeCodeException(String message, Throwable cause) {
    super(message, cause);
  }
}
