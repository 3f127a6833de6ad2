package org.gpt2j.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * How {@link Gpt2LMHeadModel#generate} goes on with a text, with the names and defaults of
 * transformers' GenerationConfig. Immutable; made by {@link #builder}.
 */
public final class GenerationConfig {
  /** The name of the file in a model directory. */
  public static final String FILE_NAME = "generation_config.json";

  private static final int DEFAULT_NEW_TOKENS = 20;

  private final Builder b;

  private GenerationConfig(Builder builder) {
    this.b = builder;
    require(
        b.maxNewTokens == null || b.maxNewTokens >= 1,
        "max_new_tokens",
        "at least 1",
        b.maxNewTokens);
    require(b.maxLength == null || b.maxLength >= 1, "max_length", "at least 1", b.maxLength);
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

  /**
   * What a model's directory says, as transformers' model.generate obeys it: its
   * generation_config.json or, where that is missing, the keys of that kind in config.json. Without
   * an eos_token_id there no token ends a continuation.
   *
   * @throws IOException naming the file and the key, if neither can be read, a value is impossible
   *     or an option is set that is not supported; an unknown one is named in a warning
   */
  public static GenerationConfig fromPretrained(Path dir) throws IOException {
    return GenerationConfigFile.read(dir);
  }

  /** Greedy, 20 new tokens, the model's own end tokens. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this config. */
  public Builder toBuilder() {
    return new Builder(b);
  }

  /** Most tokens of a continuation; 20 unless set. Where it is not set, maxLength counts. */
  public int maxNewTokens() {
    return b.maxNewTokens == null ? DEFAULT_NEW_TOKENS : b.maxNewTokens;
  }

  /** Most tokens of a prompt and its continuation together; null for no such limit. */
  public Integer maxLength() {
    return b.maxLength;
  }

  /** Whether maxNewTokens or maxLength was set; else a continuation has at most 20 tokens. */
  public boolean limitsLength() {
    return b.maxNewTokens != null || b.maxLength != null;
  }

  /**
   * Most tokens of a continuation after a prompt, the model's n_positions aside: maxNewTokens, or
   * what maxLength leaves where only that is set.
   *
   * @param promptTokens tokens of the prompt
   * @return tokens; below 1 if maxLength leaves no room
   */
  public int newTokensAfter(int promptTokens) {
    boolean total = b.maxNewTokens == null && b.maxLength != null;
    return total ? b.maxLength - promptTokens : maxNewTokens();
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

  /** The token that an empty prompt stands for; null for the tokenizer's. */
  public Integer bosTokenId() {
    return b.bosTokenId;
  }

  /** Tokens that end a continuation; null for those of the model's config. */
  public int[] eosTokenId() {
    return b.eosTokenId == null ? null : b.eosTokenId.clone();
  }

  /** The n-th token drawn for prompt i is a function of the seed, i, n and the logits. */
  public long seed() {
    return b.seed;
  }

  /** Collects options; {@link #build} checks them. */
  public static final class Builder {
    private Integer maxNewTokens;
    private Integer maxLength;
    private boolean doSample;
    private double temperature = 1;
    private int topK = 50;
    private double topP = 1;
    private double repetitionPenalty = 1;
    private Integer bosTokenId;
    private int[] eosTokenId;
    private long seed = 42;

    private Builder() {}

    private Builder(Builder other) {
      maxNewTokens = other.maxNewTokens;
      maxLength = other.maxLength;
      doSample = other.doSample;
      temperature = other.temperature;
      topK = other.topK;
      topP = other.topP;
      repetitionPenalty = other.repetitionPenalty;
      bosTokenId = other.bosTokenId;
      eosTokenId = other.eosTokenId;
      seed = other.seed;
    }

    public Builder maxNewTokens(int value) {
      maxNewTokens = value;
      return this;
    }

    /** Most tokens of prompt and continuation; max_new_tokens goes before it where both are set. */
    public Builder maxLength(int value) {
      maxLength = value;
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

    /** The token that an empty prompt stands for; null for the tokenizer's. */
    public Builder bosTokenId(Integer value) {
      bosTokenId = value;
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
