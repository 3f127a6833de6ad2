package org.gpt2j.nn.cpu;

import java.nio.FloatBuffer;
import org.gpt2j.nn.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Activation functions and their derivatives. */
final class ActivationKernel {
  private static final float SQRT_2_OVER_PI = 0.7978845608f;
  private static final float CUBIC = 0.044715f;
  private static final double INV_SQRT_2 = Math.sqrt(0.5);
  private static final double INV_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);
  private static final double QUICK = 1.702;
  private static final double LEAK = 0.01;

  private ActivationKernel() {}

  static void forward(Activation f, INDArray x, INDArray y) {
    FloatBuffer xb = Floats.buffer(x);
    FloatBuffer yb = Floats.buffer(y);
    Parallel.forRange(
        Elementwise.length(x),
        Elementwise.CHUNK,
        (begin, end) -> {
          int n = end - begin;
          float[] a = Elementwise.scratch()[0];
          xb.get(begin, a, 0, n);
          if (f == Activation.GELU_TANH) {
            geluTanh(a, n);
          } else {
            for (int i = 0; i < n; i++) {
              a[i] = (float) value(f, a[i]);
            }
          }
          yb.put(begin, a, 0, n);
        });
  }

  static void backward(Activation f, INDArray x, INDArray dy, INDArray dx) {
    FloatBuffer xb = Floats.buffer(x);
    FloatBuffer dyb = Floats.buffer(dy);
    FloatBuffer dxb = Floats.buffer(dx);
    Parallel.forRange(
        Elementwise.length(x),
        Elementwise.CHUNK,
        (begin, end) -> {
          int n = end - begin;
          float[] a = Elementwise.scratch()[0];
          float[] d = Elementwise.scratch()[1];
          xb.get(begin, a, 0, n);
          dyb.get(begin, d, 0, n);
          if (f == Activation.GELU_TANH) {
            geluTanhBackward(a, d, Elementwise.scratch()[2], n);
          } else {
            for (int i = 0; i < n; i++) {
              d[i] *= (float) derivative(f, a[i]);
            }
          }
          dxb.put(begin, d, 0, n);
        });
  }

  private static void geluTanh(float[] a, int n) {
    for (int i = 0; i < n; i++) {
      float x = a[i];
      float t = tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x));
      a[i] = 0.5f * x * (1f + t);
    }
  }

  /** Two loops: C2 vectorises each, but not both in one. */
  private static void geluTanhBackward(float[] a, float[] d, float[] t, int n) {
    for (int i = 0; i < n; i++) {
      float x = a[i];
      t[i] = tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x));
    }
    for (int i = 0; i < n; i++) {
      float x = a[i];
      float inner = SQRT_2_OVER_PI * (1f + 3f * CUBIC * x * x);
      d[i] *= 0.5f * (1f + t[i]) + 0.5f * x * (1f - t[i] * t[i]) * inner;
    }
  }

  /**
   * tanh as a quotient of an odd polynomial of degree 13 and an even one of degree 6, the minimax
   * coefficients that Eigen uses (generic_fast_tanh_float); branch-free, so that C2 vectorises it.
   */
  private static float tanh(float v) {
    float x = Math.max(-7.90531110763549805f, Math.min(7.90531110763549805f, v));
    float x2 = x * x;
    float p = -2.76076847742355e-16f;
    p = p * x2 + 2.00018790482477e-13f;
    p = p * x2 + -8.60467152213735e-11f;
    p = p * x2 + 5.12229709037114e-08f;
    p = p * x2 + 1.48572235717979e-05f;
    p = p * x2 + 6.37261928875436e-04f;
    p = p * x2 + 4.89352455891786e-03f;
    float q = 1.19825839466702e-06f;
    q = q * x2 + 1.18534705686654e-04f;
    q = q * x2 + 2.26843463243900e-03f;
    q = q * x2 + 4.89352518554385e-03f;
    return x * p / q;
  }

  private static double value(Activation f, double x) {
    return switch (f) {
      case GELU_TANH -> throw new IllegalStateException("has a loop of its own");
      case GELU_ERF -> x * normalCdf(x);
      case GELU_10 -> Math.min(x * normalCdf(x), 10);
      case QUICK_GELU -> x * sigmoid(QUICK * x);
      case RELU -> Math.max(x, 0);
      case RELU2 -> Math.max(x, 0) * Math.max(x, 0);
      case RELU6 -> Math.min(Math.max(x, 0), 6);
      case LEAKY_RELU -> x > 0 ? x : LEAK * x;
      case SILU -> x / (1 + Math.exp(-x));
      case MISH -> x * Math.tanh(softplus(x));
      case HARD_SWISH -> x * Math.min(Math.max(x + 3, 0), 6) / 6;
      case TANH -> Math.tanh(x);
      case SIGMOID -> sigmoid(x);
      case LINEAR -> x;
    };
  }

  private static double derivative(Activation f, double x) {
    return switch (f) {
      case GELU_TANH -> throw new IllegalStateException("has a loop of its own");
      case GELU_ERF -> geluErfDerivative(x);
      case GELU_10 -> x * normalCdf(x) > 10 ? 0 : geluErfDerivative(x);
      case QUICK_GELU -> {
        double s = sigmoid(QUICK * x);
        yield s * (1 + QUICK * x * (1 - s));
      }
      case RELU -> x > 0 ? 1 : 0;
      case RELU2 -> x > 0 ? 2 * x : 0;
      case RELU6 -> x > 0 && x < 6 ? 1 : 0;
      case LEAKY_RELU -> x > 0 ? 1 : LEAK;
      case SILU -> {
        double s = sigmoid(x);
        yield s * (1 + x * (1 - s));
      }
      case MISH -> {
        double t = Math.tanh(softplus(x));
        yield t + x * (1 - t * t) * sigmoid(x);
      }
      case HARD_SWISH -> x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5;
      case TANH -> {
        double t = Math.tanh(x);
        yield 1 - t * t;
      }
      case SIGMOID -> {
        double s = sigmoid(x);
        yield s * (1 - s);
      }
      case LINEAR -> 1;
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** ln(1 + e^x), which does not overflow. */
  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double geluErfDerivative(double x) {
    return normalCdf(x) + x * INV_SQRT_2PI * Math.exp(-0.5 * x * x);
  }

  private static double normalCdf(double x) {
    return 0.5 * erfc(-x * INV_SQRT_2);
  }

  /** Complementary error function, relative error below 1.2e-7 (Numerical Recipes, erfcc). */
  private static double erfc(double x) {
    double z = Math.abs(x);
    double t = 1 / (1 + 0.5 * z);
    double poly = 0.17087277;
    poly = poly * t - 0.82215223;
    poly = poly * t + 1.48851587;
    poly = poly * t - 1.13520398;
    poly = poly * t + 0.27886807;
    poly = poly * t - 0.18628806;
    poly = poly * t + 0.09678418;
    poly = poly * t + 0.37409196;
    poly = poly * t + 1.00002368;
    poly = poly * t - 1.26551223;
    double r = t * Math.exp(-z * z + poly);
    return x >= 0 ? r : 2 - r;
  }
}
