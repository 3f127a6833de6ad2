package org.gpt2j.model;

import java.io.IOException;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where a model's weights come from: a checkpoint, or a random initialisation. */
@FunctionalInterface
public interface WeightSource {
  /**
   * Makes one weight.
   *
   * @param name as in a GPT-2 file without the `transformer.` prefix, such as `h.0.ln_1.weight`
   * @param shape what the config says it must be
   * @return a c-order array of that shape with a buffer of its own
   */
  INDArray get(String name, long... shape) throws IOException;
}
