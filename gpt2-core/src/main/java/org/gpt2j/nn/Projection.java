package org.gpt2j.nn;

import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An affine map of rows, [T, in] to [T, out]: a {@link Conv1D}, or one with an adapter around it.
 */
public interface Projection {
  /** Name within the model, such as `h.0.attn.c_attn`. */
  String name();

  int inFeatures();

  int outFeatures();

  /**
   * y [T,out] = f(x [T,in]). If {@link #needsInput}, x must hold the same values again when the
   * backward pass comes.
   */
  void forward(INDArray x, INDArray y, Pass pass);

  /**
   * Adds the gradients of trainable parameters.
   *
   * @param dy [T,out]
   * @param dx [T,in], overwritten; null where nobody needs it
   */
  void backward(INDArray dy, INDArray dx, Pass pass);

  /** Whether the backward pass reads the x of this forward pass. */
  boolean needsInput(Pass pass);

  /** Calls for each parameter, frozen ones too, in the order in which PyTorch names them. */
  void parameters(Consumer<Parameter> action);

  /** Whether any parameter is trainable. */
  default boolean requiresGrad() {
    boolean[] any = new boolean[1];
    parameters(p -> any[0] |= p.requiresGrad());
    return any[0];
  }
}
