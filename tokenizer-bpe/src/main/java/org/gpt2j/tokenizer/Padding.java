package org.gpt2j.tokenizer;

/** To which length the rows of a batch are padded. */
public enum Padding {
  /** To the longest row of the batch. Hugging Face: {@code padding="longest"}. */
  LONGEST,

  /** To the given maximum length. Hugging Face: {@code padding="max_length"}. */
  MAX_LENGTH
}
