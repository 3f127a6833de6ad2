package org.gpt2j.nn;

import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * transformers' Conv1D: a linear layer whose weight is [in, out].
 *
 * <p>Forward: y [T,out] = x [T,in] W [in,out] + b [out]. Backward: dx = dy W^T; dW += x^T dy; db +=
 * the sum of dy's rows.
 */
public final class Conv1D implements Projection {
  private final String name;
  private final Parameter weight;
  private final Parameter bias;
  private INDArray x;

  public Conv1D(String name, Parameter weight, Parameter bias) {
    this.name = name;
    this.weight = weight;
    this.bias = bias;
  }

  @Override
  public String name() {
    return name;
  }

  public Parameter weight() {
    return weight;
  }

  public Parameter bias() {
    return bias;
  }

  @Override
  public int inFeatures() {
    return (int) weight.value().size(0);
  }

  @Override
  public int outFeatures() {
    return (int) weight.value().size(1);
  }

  @Override
  public void forward(INDArray x, INDArray y, Pass pass) {
    pass.kernels().broadcastRow(bias.value(), y);
    addProduct(x, y, pass);
  }

  /** y += x W, without the bias. */
  public void addProduct(INDArray x, INDArray y, Pass pass) {
    this.x = x;
    pass.kernels().gemm(false, x, false, weight.value(), 1, 1, y);
  }

  @Override
  public boolean needsInput(Pass pass) {
    return weight.requiresGrad();
  }

  @Override
  public void backward(INDArray dy, INDArray dx, Pass pass) {
    backward(dy, dx, 0, pass);
  }

  /** As {@link #backward}, but dx is added to. */
  public void addBackward(INDArray dy, INDArray dx, Pass pass) {
    backward(dy, dx, 1, pass);
  }

  private void backward(INDArray dy, INDArray dx, double beta, Pass pass) {
    if (weight.requiresGrad()) {
      pass.kernels().gemm(true, x, false, dy, 1, 1, weight.gradient());
    }
    if (bias.requiresGrad()) {
      pass.kernels().addBiasBackward(dy, bias.gradient());
    }
    if (dx != null) {
      pass.kernels().gemm(false, dy, true, weight.value(), 1, beta, dx);
    }
  }

  @Override
  public void parameters(Consumer<Parameter> action) {
    action.accept(weight);
    action.accept(bias);
  }
}
