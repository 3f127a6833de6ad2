package org.gpt2j.tokenizer;

/** An end of a sequence: where a long one is cut, or a short one padded. */
public enum Side {
  /** The end of the text, the default of transformers for cutting and padding. */
  RIGHT,

  /** The beginning of the text. */
  LEFT
}
