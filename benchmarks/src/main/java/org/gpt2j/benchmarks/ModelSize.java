package org.gpt2j.benchmarks;

import org.gpt2j.model.Gpt2Config;
import org.gpt2j.training.data.SmsSpamCollection;

/** The sizes of model that the benchmarks know, all with GPT-2's vocabulary and 1,024 positions. */
public enum ModelSize {
  /** 12 blocks, width 768: the 124M model. */
  GPT2(12, 768, 12),
  /** 2 blocks, width 32: to test the benchmarks themselves. */
  TINY(2, 32, 2);

  private final int layers;
  private final int width;
  private final int heads;

  ModelSize(int layers, int width, int heads) {
    this.layers = layers;
    this.width = width;
    this.heads = heads;
  }

  /** The config with the labels of the spam task and the padding token that `train` takes. */
  public Gpt2Config config() {
    Gpt2Config gpt2 = Gpt2Config.gpt2();
    return gpt2.toBuilder()
        .nLayer(layers)
        .nEmbd(width)
        .nHead(heads)
        .labels(SmsSpamCollection.ID2LABEL)
        .padTokenId(gpt2.eosTokenId()[0])
        .build();
  }
}
