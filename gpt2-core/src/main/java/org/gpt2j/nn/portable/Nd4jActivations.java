package org.gpt2j.nn.portable;

import org.gpt2j.nn.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The formulas of {@link Activation} and their derivatives, each into a new array. */
final class Nd4jActivations {
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  private Nd4jActivations() {}

  static INDArray value(Activation f, INDArray x) {
    return switch (f) {
      case GELU_TANH -> geluTanh(x).addi(1).muli(x).muli(0.5);
      case GELU_ERF -> normalCdf(x).muli(x);
      case RELU -> Transforms.relu(x, true);
      case SILU -> Transforms.sigmoid(x, true).muli(x);
      case TANH -> Transforms.tanh(x, true);
    };
  }

  static INDArray derivative(Activation f, INDArray x) {
    return switch (f) {
      case GELU_TANH -> {
        // 0.5 (1 + t) + 0.5 x (1 - t^2) sqrt(2/pi) (1 + 3 * 0.044715 x^2)
        INDArray t = geluTanh(x);
        INDArray inner = x.mul(x).muli(3 * CUBIC).addi(1).muli(SQRT_2_OVER_PI);
        INDArray slope = t.mul(t).rsubi(1).muli(inner).muli(x);
        yield slope.addi(t).addi(1).muli(0.5);
      }
      case GELU_ERF -> {
        // cdf(x) + x pdf(x)
        INDArray pdf = Transforms.exp(x.mul(x).muli(-0.5), false).divi(Math.sqrt(2 * Math.PI));
        yield pdf.muli(x).addi(normalCdf(x));
      }
      case RELU -> isPositive(x);
      case SILU -> {
        // s (1 + x (1 - s))
        INDArray s = Transforms.sigmoid(x, true);
        yield s.rsub(1).muli(x).addi(1).muli(s);
      }
      case TANH -> {
        INDArray t = Transforms.tanh(x, true);
        yield t.mul(t).rsubi(1);
      }
    };
  }

  /** tanh(sqrt(2/pi) (x + 0.044715 x^3)). */
  private static INDArray geluTanh(INDArray x) {
    INDArray inner = x.mul(x).muli(CUBIC).addi(1).muli(x).muli(SQRT_2_OVER_PI);
    return Transforms.tanh(inner, false);
  }

  /** 0.5 (1 + erf(x / sqrt 2)). */
  private static INDArray normalCdf(INDArray x) {
    INDArray z = x.div(Math.sqrt(2));
    return Nd4j.getExecutioner().exec(new Erf(z, z)).addi(1).muli(0.5);
  }

  /** 1 where x > 0, else 0. */
  private static INDArray isPositive(INDArray x) {
    return x.gt(0).castTo(x.dataType());
  }
}
