package org.gpt2j.nn;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A {@link Conv1D} whose weight lies as products of few rows like it, for inference only: y [T,out]
 * = x [T,in] W [in,out] + b [out].
 */
public final class PackedLinear extends InferenceLinear {
  private final PackedMatrix weight;

  public PackedLinear(Conv1D base) {
    super(base, "packed");
    weight = PackedMatrix.of(base.weight().value());
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
    pass.kernels().packedLinear(x, weight, bias().value(), y);
  }
}
