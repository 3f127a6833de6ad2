package org.gpt2j.nn;

/**
 * The loss of a regression, torch.nn.MSELoss: {@code (x - y)^2} of a logit x and the number y that
 * it is to be, in the mean over all sequences and outputs. Its derivative with respect to x is
 * {@code 2 (x - y)}.
 */
public final class MseLoss extends ElementwiseLoss {
  @Override
  double value(double x, double y) {
    return (x - y) * (x - y);
  }

  @Override
  double slope(double x, double y) {
    return 2 * (x - y);
  }

  @Override
  boolean isLabel(float y) {
    return Float.isFinite(y);
  }

  @Override
  String expected() {
    return "finite numbers";
  }

  @Override
  public String toString() {
    return "mean squared error";
  }
}
