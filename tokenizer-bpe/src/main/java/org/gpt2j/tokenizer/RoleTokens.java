package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gpt2j.io.KeyTable;

/**
 * The tokens that a configuration gives a role, such as {@code "pad_token": "[PAD]"}, as
 * transformers' tokenization_utils_base.py reads them.
 *
 * @param file the file that the keys are from
 * @param json its keys
 */
record RoleTokens(Path file, ObjectNode json) {
  /** The roles that every tokenizer may have, in the order in which new tokens get their ids. */
  static final List<String> ROLES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private static final String EXTRA = "extra_special_tokens";

  /** What {@link #EXTRA} was called before transformers 5. */
  private static final String ADDITIONAL = "additional_special_tokens";

  /** The keys of tokens without a role of their own. */
  static final List<String> LISTS = List.of(EXTRA, ADDITIONAL);

  /** Whether the file says what the role's token is, be it that there is none. */
  boolean has(String role) {
    return json.has(role);
  }

  /** The token of a role, without an id; empty where there is none. */
  Optional<AddedToken> get(String role) throws TokenizerFormatException {
    JsonNode node = json.path(role);
    return Json.isAbsent(node) ? Optional.empty() : Optional.of(token(role, node));
  }

  /** The tokens of a model's own roles, such as {@code image_token}, and of no role, in order. */
  List<AddedToken> others() throws TokenizerFormatException {
    List<AddedToken> tokens = new ArrayList<>();
    for (var field : json.properties()) {
      if (isOwnRole(field.getKey(), field.getValue())) {
        tokens.add(token(field.getKey(), field.getValue()));
      }
    }
    JsonNode extra = json.path(EXTRA);
    String key = KeyTable.isOff(extra) || extra.isMissingNode() ? ADDITIONAL : EXTRA;
    JsonNode list = json.path(key);
    if (!Json.isAbsent(list) && !list.isContainerNode()) {
      throw Json.wrong(file, key, "a list of tokens", list);
    }
    for (JsonNode node : list) { // an object gives each a name
      tokens.add(token(key, node));
    }
    return tokens;
  }

  /** The file's keys without those of a model's own roles, whose names no table can know. */
  ObjectNode withoutOwnRoles() {
    ObjectNode rest = Json.newObject();
    for (var field : json.properties()) {
      if (!isOwnRole(field.getKey(), field.getValue())) {
        rest.set(field.getKey(), field.getValue());
      }
    }
    return rest;
  }

  private static boolean isOwnRole(String key, JsonNode value) {
    return key.endsWith("_token")
        && !ROLES.contains(key)
        && (value.isTextual() || value.has("content"));
  }

  private AddedToken token(String key, JsonNode node) throws TokenizerFormatException {
    if (node.path("content").isTextual()) {
      return AddedTokenJson.read(file, key, AddedToken.NO_ID, node, true).asSpecial();
    }
    if (!node.isTextual()) {
      throw Json.wrong(file, key, "a string or {\"content\": string}", node);
    }
    ObjectNode object = Json.newObject().put("content", node.textValue());
    return AddedTokenJson.read(file, key, AddedToken.NO_ID, object, true);
  }
}
