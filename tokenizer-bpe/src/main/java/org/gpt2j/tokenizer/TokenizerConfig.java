package org.gpt2j.tokenizer;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What tokenizer_config.json says about a tokenizer, beside its vocabulary.
 *
 * @param bosToken string of the token that starts a text
 * @param eosToken string of the token that ends a text
 * @param unkToken string of the unknown token, which byte-level BPE never produces
 * @param padToken string of the token that fills a row of a batch
 * @param modelMaxLength most tokens the model takes, empty where unlimited or unknown
 * @param addPrefixSpace true where a text that does not start with a space gets one
 */
record TokenizerConfig(
    Optional<String> bosToken,
    Optional<String> eosToken,
    Optional<String> unkToken,
    Optional<String> padToken,
    OptionalInt modelMaxLength,
    boolean addPrefixSpace) {
  /** What GPT-2 has as bos, eos and unk token. */
  static final String END_OF_TEXT = "<|endoftext|>";

  TokenizerConfig withPadToken(String token) {
    return new TokenizerConfig(
        bosToken, eosToken, unkToken, Optional.of(token), modelMaxLength, addPrefixSpace);
  }

  TokenizerConfig withModelMaxLength(int length) {
    return new TokenizerConfig(
        bosToken, eosToken, unkToken, padToken, OptionalInt.of(length), addPrefixSpace);
  }
}
