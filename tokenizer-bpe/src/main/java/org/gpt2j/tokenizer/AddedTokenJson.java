package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.gpt2j.io.KeyTable;

/**
 * An added token as JSON: the same object in {@code tokenizer.json}, {@code tokenizer_config.json}
 * and {@code special_tokens_map.json}.
 */
final class AddedTokenJson {
  /** {@code __type} is how transformers marks such an object among others. */
  private static final KeyTable KEYS =
      KeyTable.builder()
          .obeyed("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special")
          .withoutEffect("__type")
          .build();

  private AddedTokenJson() {}

  /**
   * Reads one token.
   *
   * @param key where the object stands in the file
   * @param id the token's id, which is no part of the object everywhere
   * @param special what a token is that does not say whether it is special
   */
  static AddedToken read(Path file, String key, int id, JsonNode node, boolean special)
      throws TokenizerFormatException {
    JsonNode content = node.path("content");
    if (!content.isTextual() || content.textValue().isEmpty()) {
      throw Json.wrong(file, key + ".content", "a string that is not empty", content);
    }
    if (!Utf8.isWellFormed(content.textValue())) {
      throw Json.wrong(file, key + ".content", "no surrogate without its partner", content);
    }
    boolean isSpecial = Json.getBoolean(file, node, "special", special);
    return new AddedToken(
        content.textValue(),
        id,
        isSpecial,
        Json.getBoolean(file, node, "normalized", !isSpecial),
        Json.getBoolean(file, node, "single_word", false),
        Json.getBoolean(file, node, "lstrip", false),
        Json.getBoolean(file, node, "rstrip", false));
  }

  /** Warns of keys that are not known, once for all tokens of a list. */
  static void checkKeys(Path file, Iterable<JsonNode> tokens) throws TokenizerFormatException {
    ObjectNode all = Json.newObject();
    for (JsonNode token : tokens) {
      token
          .properties()
          .forEach(
              field -> {
                if (!KeyTable.isOff(field.getValue())) {
                  all.set(field.getKey(), field.getValue());
                }
              });
    }
    Json.check(file, "added token", KEYS, all);
  }

  static void write(AddedToken token, ObjectNode node) {
    node.put("content", token.content());
    node.put("single_word", token.singleWord());
    node.put("lstrip", token.lstrip());
    node.put("rstrip", token.rstrip());
    node.put("normalized", token.normalized());
    node.put("special", token.special());
  }
}
