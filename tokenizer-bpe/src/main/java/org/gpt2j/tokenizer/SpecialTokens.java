package org.gpt2j.tokenizer;

/** What the string of a special token, such as {@code <|endoftext|>}, means in text to encode. */
public enum SpecialTokens {
  /**
   * Ordinary characters: right for text that users write, who could otherwise inject control
   * tokens. Hugging Face: {@code split_special_tokens=True}.
   */
  AS_TEXT,

  /** The special token itself, as Hugging Face tokenizers do by default. */
  ALLOWED
}
