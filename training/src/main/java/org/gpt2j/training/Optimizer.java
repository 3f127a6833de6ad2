package org.gpt2j.training;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Turns gradients into new weights. Made over the model's trainable parameters, whose gradients the
 * trainer fills; {@link AdamW} unless the trainer is given another.
 */
public interface Optimizer {
  /** The L2 norm of all gradients together. */
  double gradientNorm();

  /**
   * Updates every parameter.
   *
   * @param learningRate of this step
   * @param gradScale factor of the gradients, below 1 where they are clipped
   */
  void step(double learningRate, double gradScale);

  /** Updates so far. */
  long steps();

  /**
   * What it remembers between steps, by names that are its own: the arrays themselves, which a
   * checkpoint saves and a resumed training fills.
   */
  Map<String, INDArray> stateDict();

  /** Says how many updates the arrays of {@link #stateDict} have behind them. */
  void setSteps(long steps);
}
