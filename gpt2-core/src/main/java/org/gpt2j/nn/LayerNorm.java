package org.gpt2j.nn;

import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layer normalisation of each row of [T, C]; formulas at {@link Kernels#layerNorm}. */
public final class LayerNorm {
  private final String name;
  private final Parameter weight;
  private final Parameter bias;
  private final double eps;
  private INDArray x;
  private INDArray mean;
  private INDArray rstd;

  public LayerNorm(String name, Parameter weight, Parameter bias, double eps) {
    this.name = name;
    this.weight = weight;
    this.bias = bias;
    this.eps = eps;
  }

  /**
   * Returns y [T,C]; x must stay as it is until the backward pass.
   *
   * @param keep whether y is kept for the backward pass of what comes next
   */
  public INDArray forward(INDArray x, boolean keep, Pass pass) {
    long rows = x.size(0);
    this.x = x;
    mean = pass.saved(name, "mean", rows);
    rstd = pass.saved(name, "rstd", rows);
    INDArray y =
        keep ? pass.saved(name, "norm", rows, x.size(1)) : pass.scratch("norm", rows, x.size(1));
    pass.kernels().layerNorm(x, weight.value(), bias.value(), eps, y, mean, rstd);
    return y;
  }

  /**
   * @param dy [T,C]
   * @param dx [T,C], added to; null where nobody needs it
   */
  public void backward(INDArray dy, INDArray dx, Pass pass) {
    pass.kernels()
        .layerNormBackward(
            dy, x, weight.value(), mean, rstd, dx, weight.gradientOrNull(), bias.gradientOrNull());
  }

  public boolean requiresGrad() {
    return weight.requiresGrad() || bias.requiresGrad();
  }

  public void parameters(Consumer<Parameter> action) {
    action.accept(weight);
    action.accept(bias);
  }
}
