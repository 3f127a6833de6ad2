package org.gpt2j.model;

import java.io.IOException;

/**
 * A network that is built from a checkpoint and is not quite the one that was saved, such as the
 * base of an adapter that added tokens to the vocabulary.
 */
public interface DerivedNetwork {
  /**
   * The config of the network.
   *
   * @param own that of the checkpoint
   * @throws IOException if the checkpoint cannot be what the network is built from
   */
  Gpt2Config config(Gpt2Config own) throws IOException;

  /**
   * The weights of the network.
   *
   * @param own config of the checkpoint
   * @param checkpoint gives what the file has, in the shapes of its own config
   */
  WeightSource weights(Gpt2Config own, WeightSource checkpoint);
}
