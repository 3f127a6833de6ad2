package org.gpt2j.nn;

import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A {@link Conv1D} whose weight has a form that has no gradient: y [T,out] = x [T,in] W + b. */
abstract class InferenceLinear implements Projection {
  private final String name;
  private final Parameter bias;
  private final String form;

  /**
   * @param form of the weight, for messages
   */
  InferenceLinear(Conv1D base, String form) {
    name = base.name();
    bias = base.bias();
    this.form = form;
  }

  @Override
  public final String name() {
    return name;
  }

  final Parameter bias() {
    return bias;
  }

  @Override
  public final void backward(INDArray dy, INDArray dx, Pass pass) {
    throw new IllegalStateException(
        name + " has " + form + " weights, which have no backward pass");
  }

  @Override
  public final boolean needsInput(Pass pass) {
    return false;
  }

  @Override
  public final void parameters(Consumer<Parameter> action) {
    action.accept(bias);
  }
}
