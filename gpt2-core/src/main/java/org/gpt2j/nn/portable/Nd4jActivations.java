package org.gpt2j.nn.portable;

import org.gpt2j.nn.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Log1p;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The formulas of {@link Activation} and their derivatives, each into a new array. */
final class Nd4jActivations {
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;
  private static final double QUICK = 1.702;
  private static final double LEAK = 0.01;

  private Nd4jActivations() {}

  static INDArray value(Activation f, INDArray x) {
    return switch (f) {
      case GELU_TANH -> geluTanh(x).addi(1).muli(x).muli(0.5);
      case GELU_ERF -> normalCdf(x).muli(x);
      case GELU_10 -> atMost(normalCdf(x).muli(x), 10);
      case QUICK_GELU -> Transforms.sigmoid(x.mul(QUICK), false).muli(x);
      case RELU -> Transforms.relu(x, true);
      case RELU2 -> square(Transforms.relu(x, true));
      case RELU6 -> atMost(Transforms.relu(x, true), 6);
      case LEAKY_RELU -> leaks(x).muli(x);
      case SILU -> Transforms.sigmoid(x, true).muli(x);
      case MISH -> tanhSoftplus(x).muli(x);
      case HARD_SWISH -> atMost(Transforms.relu(x.add(3), false), 6).muli(x).divi(6);
      case TANH -> Transforms.tanh(x, true);
      case SIGMOID -> Transforms.sigmoid(x, true);
      case LINEAR -> x.dup();
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
      // cdf(x) + x pdf(x)
      case GELU_ERF -> normalPdf(x).muli(x).addi(normalCdf(x));
      case GELU_10 -> {
        INDArray slope = normalPdf(x).muli(x).addi(normalCdf(x));
        yield slope.muli(normalCdf(x).muli(x).lte(10).castTo(x.dataType()));
      }
      case QUICK_GELU -> {
        // s (1 + 1.702 x (1 - s))
        INDArray s = Transforms.sigmoid(x.mul(QUICK), false);
        yield s.rsub(1).muli(x).muli(QUICK).addi(1).muli(s);
      }
      case RELU -> isPositive(x);
      case RELU2 -> Transforms.relu(x, true).muli(2);
      case RELU6 -> isPositive(x).muli(x.lt(6).castTo(x.dataType()));
      case LEAKY_RELU -> leaks(x);
      case SILU -> {
        // s (1 + x (1 - s))
        INDArray s = Transforms.sigmoid(x, true);
        yield s.rsub(1).muli(x).addi(1).muli(s);
      }
      case MISH -> {
        // t + x (1 - t^2) s
        INDArray t = tanhSoftplus(x);
        yield square(t.dup()).rsubi(1).muli(x).muli(Transforms.sigmoid(x, true)).addi(t);
      }
      case HARD_SWISH -> {
        // x / 3 + 1/2 between -3 and 3
        INDArray inside = x.gt(-3).castTo(x.dataType()).muli(x.lt(3).castTo(x.dataType()));
        yield x.div(3).addi(0.5).muli(inside).addi(x.gte(3).castTo(x.dataType()));
      }
      case TANH -> {
        INDArray t = Transforms.tanh(x, true);
        yield t.mul(t).rsubi(1);
      }
      case SIGMOID -> {
        INDArray s = Transforms.sigmoid(x, true);
        yield s.rsub(1).muli(s);
      }
      case LINEAR -> x.dup().assign(1);
    };
  }

  /** tanh(sqrt(2/pi) (x + 0.044715 x^3)). */
  private static INDArray geluTanh(INDArray x) {
    INDArray inner = x.mul(x).muli(CUBIC).addi(1).muli(x).muli(SQRT_2_OVER_PI);
    return Transforms.tanh(inner, false);
  }

  /** tanh(ln(1 + e^x)), the logarithm as max(x, 0) + ln(1 + e^-|x|), which does not overflow. */
  private static INDArray tanhSoftplus(INDArray x) {
    INDArray rest = Transforms.exp(Transforms.abs(x, true).negi(), false);
    INDArray softplus = Nd4j.getExecutioner().exec(new Log1p(rest, rest));
    return Transforms.tanh(softplus.addi(Transforms.relu(x, true)), false);
  }

  private static INDArray square(INDArray x) {
    return x.muli(x);
  }

  private static INDArray atMost(INDArray x, double limit) {
    return Transforms.min(x, limit, false);
  }

  /** 1 where x > 0, else 0.01. */
  private static INDArray leaks(INDArray x) {
    return isPositive(x).muli(1 - LEAK).addi(LEAK);
  }

  private static INDArray normalPdf(INDArray x) {
    return Transforms.exp(x.mul(x).muli(-0.5), false).divi(Math.sqrt(2 * Math.PI));
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
