package org.gpt2j.nn;

/** Element-wise activation functions, named in config.json as transformers names them. */
public enum Activation {
  /** 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel 2016): gelu_new. */
  GELU_TANH,
  /** 0.5 x (1 + erf(x / sqrt 2)): gelu. */
  GELU_ERF,
  /** max(x, 0). */
  RELU,
  /** x / (1 + exp(-x)). */
  SILU,
  /** tanh(x). */
  TANH
}
