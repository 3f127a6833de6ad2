package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The format of {@code tokenizer.json}, which tokenizers writes, for byte-level BPE. Everything
 * that would change the ids and that this library does not do is refused. {@code truncation} and
 * {@code padding} are passed over: transformers sets both anew for each call.
 */
final class TokenizerJson {
  static final String NAME = "tokenizer.json";

  /** What the file holds. */
  record Content(BpeModel model, List<AddedToken> addedTokens, boolean addPrefixSpace) {}

  private TokenizerJson() {}

  static Content read(Path file) throws IOException {
    JsonNode root = Json.readObject(file);
    refuseUnlessAbsent(file, root, "normalizer");
    JsonNode preTokenizer = root.path("pre_tokenizer");
    requireByteLevel(file, "pre_tokenizer", preTokenizer);
    if (!Json.getBoolean(file, preTokenizer, "use_regex", true)) {
      throw notSupported(file, "pre_tokenizer.use_regex", "true", "false");
    }
    requireByteLevel(file, "decoder", root.path("decoder"));
    if (!Json.isAbsent(root.path("post_processor"))) {
      requireByteLevel(file, "post_processor", root.path("post_processor"));
    }
    return new Content(
        readModel(file, root.path("model")),
        readAddedTokens(file, root.path("added_tokens")),
        Json.getBoolean(file, preTokenizer, "add_prefix_space", false));
  }

  private static BpeModel readModel(Path file, JsonNode model) throws TokenizerFormatException {
    if (!model.isObject()) {
      throw Json.wrong(file, "model", "an object", model);
    }
    // Files from before tokenizers 0.7 have no type; vocab and merges tell that they are BPE.
    String type = model.path("type").asText("BPE");
    if (!type.equals("BPE")) {
      throw notSupported(file, "model.type", "BPE", type);
    }
    for (String key : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      JsonNode value = model.path(key);
      if (!Json.isAbsent(value) && !value.asText().isEmpty()) {
        throw notSupported(file, "model." + key, "\"\"", value.toString());
      }
    }
    if (Json.getBoolean(file, model, "byte_fallback", false)) {
      throw notSupported(file, "model.byte_fallback", "false", "true");
    }
    JsonNode dropout = model.path("dropout");
    if (!Json.isAbsent(dropout) && dropout.asDouble() != 0) {
      throw notSupported(file, "model.dropout", "null", dropout.toString());
    }
    Map<String, Integer> vocab = VocabAndMerges.vocab(file, "model.vocab", model.path("vocab"));
    JsonNode mergesNode = model.path("merges");
    if (!mergesNode.isArray()) {
      throw Json.wrong(file, "model.merges", "a list", mergesNode);
    }
    MergeList merges = new MergeList(file, vocab);
    for (JsonNode merge : mergesNode) {
      if (merge.isTextual()) {
        merges.add(merge.textValue());
      } else if (merge.size() == 2 && merge.get(0).isTextual() && merge.get(1).isTextual()) {
        merges.add(merge.get(0).textValue(), merge.get(1).textValue());
      } else {
        throw Json.wrong(file, "model.merges", "\"a b\" or [\"a\", \"b\"]", merge);
      }
    }
    boolean ignoreMerges = Json.getBoolean(file, model, "ignore_merges", false);
    return merges.toModel(ignoreMerges);
  }

  private static List<AddedToken> readAddedTokens(Path file, JsonNode list)
      throws TokenizerFormatException {
    List<AddedToken> tokens = new ArrayList<>();
    if (Json.isAbsent(list)) {
      return tokens;
    }
    if (!list.isArray()) {
      throw Json.wrong(file, "added_tokens", "a list", list);
    }
    for (JsonNode node : list) {
      JsonNode id = node.path("id");
      if (!id.isInt() || id.intValue() < 0) {
        throw Json.wrong(file, "added_tokens.id", "an id of 0 or more", id);
      }
      tokens.add(readAddedToken(file, "added_tokens", id.intValue(), node));
    }
    return tokens;
  }

  /** One token of {@code added_tokens}, or of {@code added_tokens_decoder} elsewhere. */
  static AddedToken readAddedToken(Path file, String key, int id, JsonNode node)
      throws TokenizerFormatException {
    JsonNode content = node.path("content");
    if (!content.isTextual() || content.textValue().isEmpty()) {
      throw Json.wrong(file, key + ".content", "a string that is not empty", content);
    }
    for (String flag : List.of("single_word", "lstrip", "rstrip")) {
      if (Json.getBoolean(file, node, flag, false)) {
        throw notSupported(file, key + "[" + content.textValue() + "]." + flag, "false", "true");
      }
    }
    boolean special = Json.getBoolean(file, node, "special", false);
    boolean normalized = Json.getBoolean(file, node, "normalized", !special);
    return new AddedToken(content.textValue(), id, special, normalized);
  }

  private static void requireByteLevel(Path file, String key, JsonNode node)
      throws TokenizerFormatException {
    String type = node.path("type").asText("nothing");
    if (!type.equals("ByteLevel")) {
      throw notSupported(file, key + ".type", "ByteLevel", type);
    }
  }

  private static void refuseUnlessAbsent(Path file, JsonNode root, String key)
      throws TokenizerFormatException {
    JsonNode value = root.path(key);
    if (!Json.isAbsent(value)) {
      throw notSupported(file, key, "null", value.path("type").asText(value.toString()));
    }
  }

  private static TokenizerFormatException notSupported(
      Path file, String key, String expected, String found) {
    return new TokenizerFormatException(
        String.format("%s: %s is %s, only %s is supported", file, key, found, expected));
  }

  /** The bytes of the file for a tokenizer. */
  static byte[] write(Gpt2Tokenizer tokenizer) throws IOException {
    ObjectNode root = Json.newObject();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (AddedToken token : tokenizer.addedTokens()) {
      ObjectNode node = added.addObject();
      node.put("id", token.id());
      writeAddedToken(token, node);
    }
    root.putNull("normalizer");
    boolean addPrefixSpace = tokenizer.config().addPrefixSpace();
    writeByteLevel(root.putObject("pre_tokenizer"), addPrefixSpace, true);
    writeByteLevel(root.putObject("post_processor"), true, false);
    writeByteLevel(root.putObject("decoder"), true, true);
    BpeModel bpe = tokenizer.model();
    ObjectNode model = root.putObject("model");
    model.put("type", "BPE");
    model.putNull("dropout");
    model.putNull("unk_token");
    model.put("continuing_subword_prefix", "");
    model.put("end_of_word_suffix", "");
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("ignore_merges", bpe.ignoreMerges());
    model.set("vocab", VocabAndMerges.vocabNode(bpe.vocab()));
    ArrayNode merges = model.putArray("merges");
    // "a b" strings, since tokenizers before 0.20 cannot read pairs and later ones read both.
    for (long merge : bpe.merges()) {
      merges.add(bpe.mergeText(merge));
    }
    return new JsonMapper().writeValueAsBytes(root);
  }

  static void writeAddedToken(AddedToken token, ObjectNode node) {
    node.put("content", token.content());
    node.put("single_word", false);
    node.put("lstrip", false);
    node.put("rstrip", false);
    node.put("normalized", token.normalized());
    node.put("special", token.special());
  }

  private static void writeByteLevel(ObjectNode node, boolean addPrefixSpace, boolean trimOffsets) {
    node.put("type", "ByteLevel");
    node.put("add_prefix_space", addPrefixSpace);
    node.put("trim_offsets", trimOffsets);
    node.put("use_regex", true);
  }
}
