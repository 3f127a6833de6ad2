package org.gpt2j.model;

import java.util.Arrays;
import org.gpt2j.nn.CounterRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * GPT-2's initialisation (Radford et al. 2019; transformers' _init_weights): weights N(0,
 * initializer_range), each c_proj N(0, initializer_range / sqrt(2 n_layer)), biases 0, layer norms
 * 1 and 0. Each number is a function of the seed, the name and the place only.
 */
public final class RandomWeights implements WeightSource {
  private final Gpt2Config config;
  private final long seed;

  public RandomWeights(Gpt2Config config, long seed) {
    this.config = config;
    this.seed = seed;
  }

  @Override
  public INDArray get(String name, long... shape) {
    double elements = 1;
    for (long size : shape) {
      elements *= size;
    }
    if (elements > Integer.MAX_VALUE / Float.BYTES) {
      throw new IllegalArgumentException(
          name + " of shape " + Arrays.toString(shape) + " would take more than 2 GiB");
    }
    INDArray a = Nd4j.zeros(DataType.FLOAT, shape);
    if (name.endsWith(".bias")) {
      return a;
    }
    if (name.matches("(.*\\.)?ln_[12f]\\.weight")) {
      return a.assign(1);
    }
    double std = config.initializerRange();
    if (name.endsWith("c_proj.weight")) {
      std /= Math.sqrt(2.0 * config.nLayer());
    }
    long key = CounterRandom.key(seed, name.hashCode());
    float[] values = new float[Math.toIntExact(a.length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (std * CounterRandom.gaussian(key, i));
    }
    a.data().setData(values);
    return a;
  }
}
