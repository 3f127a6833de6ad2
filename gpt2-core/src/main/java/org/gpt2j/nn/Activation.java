package org.gpt2j.nn;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The activation functions of the MLP, with the names and formulas they have in transformers
 * (ACT2FN).
 */
public enum Activation {
  /** 0.5x(1+tanh(sqrt(2/pi)(x+0.044715x^3))), GPT-2's own. */
  GELU_TANH("gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_python_tanh", "gelu_accurate"),
  /** x times the normal distribution function, by erf. */
  GELU_ERF("gelu", "gelu_python"),
  /** {@link #GELU_ERF}, at most 10. */
  GELU_10("gelu_10"),
  /** x times the logistic function of 1.702 x. */
  QUICK_GELU("quick_gelu"),
  RELU("relu"),
  /** The square of {@link #RELU}. */
  RELU2("relu2"),
  /** {@link #RELU}, at most 6. */
  RELU6("relu6"),
  /** x, times 0.01 where it is negative. */
  LEAKY_RELU("leaky_relu"),
  /** x times the logistic function. */
  SILU("silu", "swish"),
  /** x tanh(ln(1 + e^x)). */
  MISH("mish"),
  /** x times (x + 3) / 6, which is held between 0 and 1. */
  HARD_SWISH("hardswish"),
  TANH("tanh"),
  /** The logistic function. */
  SIGMOID("sigmoid"),
  LINEAR("linear");

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
