package org.gpt2j.nn;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A {@link Conv1D} whose weight was rounded to 8 bits, for inference only: y [T,out] = x [T,in] W
 * [in,out] + b [out].
 */
public final class Int8Linear extends InferenceLinear {
  private final Int8Matrix weight;

  public Int8Linear(Conv1D base) {
    super(base, "8-bit");
    weight = Int8Matrix.of(base.weight().value());
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
    pass.kernels().int8Linear(x, weight, bias().value(), y);
  }
}
