package org.gpt2j.nn;

/**
 * The loss of classes each of which holds or not, torch.nn.BCEWithLogitsLoss: with p the sigmoid of
 * a logit x and the label y, 1 if the class holds and else 0, {@code -(y log p + (1 - y) log(1 -
 * p)) = max(x, 0) - x y + log(1 + exp(-|x|))}, in the mean over all sequences and classes, in nats.
 * Its derivative with respect to x is {@code p - y}.
 */
public final class BceWithLogitsLoss extends ElementwiseLoss {
  @Override
  double value(double x, double y) {
    return Math.max(x, 0) - x * y + Math.log1p(Math.exp(-Math.abs(x)));
  }

  @Override
  double slope(double x, double y) {
    return 1 / (1 + Math.exp(-x)) - y;
  }

  @Override
  boolean isLabel(float y) {
    return y >= 0 && y <= 1;
  }

  @Override
  String expected() {
    return "numbers from 0 to 1";
  }

  @Override
  public String toString() {
    return "binary cross entropy";
  }
}
