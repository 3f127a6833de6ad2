package org.gpt2j.tokenizer;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a tokenizer does to a text, beside its vocabulary.
 *
 * @param tokens the tokens that have a role
 * @param modelMaxLength most tokens the model takes, empty where unlimited or unknown
 * @param truncationSide where a text that is too long loses tokens
 * @param paddingSide where a row of a batch that is too short is filled
 * @param addPrefixSpace true where a text that does not start with a space gets one
 * @param normalization what is done to the text before it is cut into pieces
 * @param template tokens that every text gets
 */
record TokenizerConfig(
    NamedTokens tokens,
    OptionalInt modelMaxLength,
    Side truncationSide,
    Side paddingSide,
    boolean addPrefixSpace,
    Normalization normalization,
    Template template) {
  /** That of a vocabulary learned here: this token in all roles but the pad token's. */
  static TokenizerConfig of(Optional<String> token) {
    return new TokenizerConfig(
        new NamedTokens(token, token, token, Optional.empty()),
        OptionalInt.empty(),
        Side.RIGHT,
        Side.RIGHT,
        false,
        Normalization.NONE,
        Template.NONE);
  }

  TokenizerConfig withTokens(NamedTokens others) {
    return new TokenizerConfig(
        others,
        modelMaxLength,
        truncationSide,
        paddingSide,
        addPrefixSpace,
        normalization,
        template);
  }

  TokenizerConfig withModelMaxLength(int length) {
    return new TokenizerConfig(
        tokens,
        OptionalInt.of(length),
        truncationSide,
        paddingSide,
        addPrefixSpace,
        normalization,
        template);
  }

  TokenizerConfig withSides(Side truncation, Side padding) {
    return new TokenizerConfig(
        tokens, modelMaxLength, truncation, padding, addPrefixSpace, normalization, template);
  }
}
