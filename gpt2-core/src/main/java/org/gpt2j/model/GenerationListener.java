package org.gpt2j.model;

/** Hears of each token as soon as it is there. */
@FunctionalInterface
public interface GenerationListener {
  /**
   * A sequence has grown.
   *
   * @param sequence index of the prompt
   * @param tokenId the new token, which may be one that ends the sequence
   * @return whether the sequence may go on
   */
  boolean token(int sequence, int tokenId);
}
