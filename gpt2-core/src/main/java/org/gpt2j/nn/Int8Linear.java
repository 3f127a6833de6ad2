package org.gpt2j.nn;

import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A {@link Conv1D} whose weight was rounded to 8 bits, for inference only: y [T,out] = x [T,in] W
 * [in,out] + b [out].
 */
public final class Int8Linear implements Projection {
  private final String name;
  private final Int8Matrix weight;
  private final Parameter bias;

  public Int8Linear(Conv1D base) {
    name = base.name();
    weight = Int8Matrix.of(base.weight().value());
    bias = base.bias();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int inFeatures() {
    return weight.rows();
  }

  @Override
  public int outFeatures() {
    return weight.columns();
  }

  @Override
  public void forward(INDArray x, INDArray y, Pass pass) {
    pass.kernels().int8Linear(x, weight, bias.value(), y);
  }

  @Override
  public void backward(INDArray dy, INDArray dx, Pass pass) {
    throw new IllegalStateException(name + " has 8-bit weights, which have no backward pass");
  }

  @Override
  public boolean needsInput(Pass pass) {
    return false;
  }

  @Override
  public void parameters(Consumer<Parameter> action) {
    action.accept(bias);
  }
}
