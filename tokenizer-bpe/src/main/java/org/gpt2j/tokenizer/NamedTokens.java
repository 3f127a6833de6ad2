package org.gpt2j.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The tokens that have a role.
 *
 * @param bos string of the token that starts a text
 * @param eos string of the token that ends a text
 * @param unk string of the unknown token, which byte-level BPE never produces
 * @param pad string of the token that fills a row of a batch
 */
record NamedTokens(
    Optional<String> bos, Optional<String> eos, Optional<String> unk, Optional<String> pad) {
  /** What GPT-2 has as bos, eos and unk token. */
  static final String END_OF_TEXT = "<|endoftext|>";

  NamedTokens withPad(String token) {
    return new NamedTokens(bos, eos, unk, Optional.of(token));
  }

  /** The roles with the keys that transformers gives them. */
  Map<String, Optional<String>> byKey() {
    Map<String, Optional<String>> tokens = new LinkedHashMap<>();
    tokens.put("bos_token", bos);
    tokens.put("eos_token", eos);
    tokens.put("unk_token", unk);
    tokens.put("pad_token", pad);
    return tokens;
  }
}
