package org.gpt2j.nn;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The activation functions of the MLP, with the names they have in transformers (ACT2FN). */
public enum Activation {
  /** 0.5x(1+tanh(sqrt(2/pi)(x+0.044715x^3))), GPT-2's own. */
  GELU_TANH("gelu_new", "gelu_pytorch_tanh", "gelu_fast"),
  /** x times the normal distribution function, by erf. */
  GELU_ERF("gelu"),
  RELU("relu"),
  /** x times the logistic function. */
  SILU("silu", "swish"),
  TANH("tanh");

  private final List<String> names;

  Activation(String... names) {
    this.names = List.of(names);
  }

  /**
   * The activation of that name in transformers.
   *
   * @throws IllegalArgumentException if it is none of the supported ones, which the message lists
   */
  public static Activation fromName(String name) {
    for (Activation activation : values()) {
      if (activation.names.contains(name)) {
        return activation;
      }
    }
    String supported =
        Arrays.stream(values())
            .flatMap(activation -> activation.names.stream())
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException("expected one of " + supported + ", found " + name);
  }
}
