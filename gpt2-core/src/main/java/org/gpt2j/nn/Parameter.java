package org.gpt2j.nn;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A named weight of the network, and its gradient while it is trained. */
public final class Parameter {
  private final String name;
  private final INDArray value;
  private final boolean layerNorm;
  private boolean requiresGrad;
  private INDArray gradient;

  /**
   * @param name as in a safetensors file, without the `transformer.` prefix
   * @param value c-order array with a buffer of its own
   */
  public Parameter(String name, INDArray value) {
    this(name, value, false);
  }

  /**
   * @param layerNorm whether it belongs to a layer norm: such parameters are not decayed
   */
  public Parameter(String name, INDArray value, boolean layerNorm) {
    if (value.ordering() != 'c' || value.isView()) {
      throw new IllegalArgumentException(
          name + ": expected a c-order array that is no view, shape " + shapeOf(value));
    }
    this.name = name;
    this.value = value;
    this.layerNorm = layerNorm;
  }

  /** A parameter of zeros. */
  public static Parameter zeros(String name, DataType type, long... shape) {
    return new Parameter(name, Nd4j.zeros(type, shape));
  }

  public String name() {
    return name;
  }

  /** The weight itself: writing to it changes the network. */
  public INDArray value() {
    return value;
  }

  public boolean isLayerNorm() {
    return layerNorm;
  }

  public boolean requiresGrad() {
    return requiresGrad;
  }

  /** Freezes the parameter (its gradient's memory is given back) or makes it trainable. */
  public void setRequiresGrad(boolean requiresGrad) {
    this.requiresGrad = requiresGrad;
    if (!requiresGrad) {
      gradient = null;
    }
  }

  /** The accumulated gradient, in the value's shape. Only where {@link #requiresGrad}. */
  public INDArray gradient() {
    if (!requiresGrad) {
      throw new IllegalStateException(name + " is frozen: it has no gradient");
    }
    if (gradient == null) {
      gradient = Nd4j.zeros(value.dataType(), value.shape());
    }
    return gradient;
  }

  /** The gradient to add to, or null where none is wanted. */
  public INDArray gradientOrNull() {
    return requiresGrad ? gradient() : null;
  }

  public void zeroGradient() {
    if (gradient != null) {
      gradient.assign(0);
    }
  }

  @Override
  public String toString() {
    return name + shapeOf(value) + (requiresGrad ? "" : " (frozen)");
  }

  private static String shapeOf(INDArray a) {
    return Arrays.toString(a.shape());
  }
}
