package org.gpt2j.testing;

import java.nio.charset.StandardCharsets;
import org.gpt2j.model.WeightSource;
import org.gpt2j.nn.CounterRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The twin of fixtures/seeded.py: weights that are a function of seed, name and place, so that none
 * need be stored.
 */
public final class SeededWeights implements WeightSource {
  private final long seed;
  private final float gain;
  private final DataType type;

  public SeededWeights(long seed, double gain) {
    this(seed, gain, DataType.FLOAT);
  }

  public SeededWeights(long seed, double gain, DataType type) {
    this.seed = seed;
    this.gain = (float) gain;
    this.type = type;
  }

  @Override
  public INDArray get(String name, long... shape) {
    INDArray a = Nd4j.createUninitialized(type, shape);
    float[] values = values(name, Math.toIntExact(a.length()));
    a.data().setData(values);
    return a;
  }

  public float[] values(String name, int n) {
    boolean norm = name.matches("(.*\\.)?ln_[12f]\\.weight");
    float offset = norm ? 1f : 0f;
    float scale = (norm ? 0.1f : 0.05f) * gain;
    long key = key(name);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = offset + scale * (2f * CounterRandom.uniform(key, i) - 1f);
    }
    return values;
  }

  long key(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash ^ (seed * 0x9E3779B97F4A7C15L);
  }
}
