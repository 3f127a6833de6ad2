package org.gpt2j.model;

import java.util.Arrays;

/**
 * How {@link Gpt2LMHeadModel#generate} goes on with a text, with the names and defaults of
 * transformers' GenerationConfig. Immutable; made by {@link #builder}.
 */
public final class GenerationConfig {
  private final Builder b;

  private GenerationConfig(Builder builder) {
    this.b = builder;
    require(b.maxNewTokens >= 1, "max_new_tokens", "at least 1", b.maxNewTokens);
    require(
        b.temperature > 0 && b.temperature < Double.POSITIVE_INFINITY,
        "temperature",
        "a number above 0",
        b.temperature);
    require(b.topK >= 0, "top_k", "at least 1, or 0 for no limit", b.topK);
    require(b.topP >= 0 && b.topP <= 1, "top_p", "a probability in [0, 1]", b.topP);
    require(
        b.repetitionPenalty > 0 && b.repetitionPenalty < Double.POSITIVE_INFINITY,
        "repetition_penalty",
        "a number above 0",
        b.repetitionPenalty);
    if (b.eosTokenId != null) {
      for (int id : b.eosTokenId) {
        require(id >= 0, "eos_token_id", "token ids of at least 0", id);
      }
    }
  }

  private static void require(boolean holds, String key, String expected, Object found) {
    if (!holds) {
      throw new IllegalArgumentException(key + ": expected " + expected + ", found " + found);
    }
  }

  /** Greedy, 20 new tokens, the model's own end token. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this config. */
  public Builder toBuilder() {
    return new Builder(b);
  }

  /** Most tokens of a continuation. */
  public int maxNewTokens() {
    return b.maxNewTokens;
  }

  /** Whether tokens are drawn; else the most probable one is taken. */
  public boolean doSample() {
    return b.doSample;
  }

  /** What logits are divided by when sampling. */
  public double temperature() {
    return b.temperature;
  }

  /**
   * When sampling, only the topK most probable tokens are drawn from, and those as probable as the
   * last of them; 0 for no limit.
   */
  public int topK() {
    return b.topK;
  }

  /** When sampling, only the fewest most probable tokens that have this mass are drawn from. */
  public double topP() {
    return b.topP;
  }

  /**
   * What the logits of tokens in prompt and continuation are divided by, or multiplied with where
   * they are negative (Keskar et al. 2019); 1 for nothing.
   */
  public double repetitionPenalty() {
    return b.repetitionPenalty;
  }

  /** Tokens that end a continuation; null for the one of the model's config. */
  public int[] eosTokenId() {
    return b.eosTokenId == null ? null : b.eosTokenId.clone();
  }

  /** The n-th token drawn for prompt i is a function of the seed, i, n and the logits. */
  public long seed() {
    return b.seed;
  }

  /** Collects options; {@link #build} checks them. */
  public static final class Builder {
    private int maxNewTokens = 20;
    private boolean doSample;
    private double temperature = 1;
    private int topK = 50;
    private double topP = 1;
    private double repetitionPenalty = 1;
    private int[] eosTokenId;
    private long seed = 42;

    private Builder() {}

    private Builder(Builder other) {
      maxNewTokens = other.maxNewTokens;
      doSample = other.doSample;
      temperature = other.temperature;
      topK = other.topK;
      topP = other.topP;
      repetitionPenalty = other.repetitionPenalty;
      eosTokenId = other.eosTokenId;
      seed = other.seed;
    }

    public Builder maxNewTokens(int value) {
      maxNewTokens = value;
      return this;
    }

    public Builder doSample(boolean value) {
      doSample = value;
      return this;
    }

    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    public Builder topK(int value) {
      topK = value;
      return this;
    }

    public Builder topP(double value) {
      topP = value;
      return this;
    }

    public Builder repetitionPenalty(double value) {
      repetitionPenalty = value;
      return this;
    }

    /** The tokens that end a continuation; without any it goes on to its full length. */
    public Builder eosTokenId(int... ids) {
      eosTokenId = Arrays.copyOf(ids, ids.length);
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming the option, if its value is impossible
     */
    public GenerationConfig build() {
      return new GenerationConfig(new Builder(this));
    }
  }
}
