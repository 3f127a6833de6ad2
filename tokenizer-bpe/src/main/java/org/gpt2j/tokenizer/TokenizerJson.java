package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gpt2j.io.KeyTable;

/**
 * The format of {@code tokenizer.json}, which tokenizers writes, for byte-level BPE. Everything
 * that would change the ids and that this library does not do is refused. Of {@code truncation} and
 * {@code padding} the sides and the pad token count, as in transformers, which sets the lengths
 * anew for each call.
 */
final class TokenizerJson {
  static final String NAME = "tokenizer.json";

  private static final KeyTable KEYS =
      KeyTable.builder()
          .obeyed("added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder")
          .obeyed("model", "truncation", "padding")
          .withoutEffect("version")
          .build();

  private static final KeyTable TRUNCATION_KEYS =
      KeyTable.builder()
          .obeyed("direction")
          .withoutEffect("max_length", "strategy", "stride")
          .build();

  private static final KeyTable PADDING_KEYS =
      KeyTable.builder()
          .obeyed("direction", "pad_token")
          .withoutEffect("strategy", "pad_to_multiple_of", "pad_id", "pad_type_id")
          .build();

  /** As a decoder ByteLevel has no options, as a post-processor only those of offsets. */
  private static final KeyTable BYTE_LEVEL_KEYS =
      KeyTable.builder()
          .obeyed("type")
          .withoutEffect("add_prefix_space", "trim_offsets", "use_regex")
          .build();

  private static final KeyTable TEMPLATE_KEYS =
      KeyTable.builder().obeyed("type", "single", "special_tokens").withoutEffect("pair").build();

  /**
   * What the file holds.
   *
   * @param addPrefixSpace empty where there is no such file
   * @param template tokens that every text gets; empty where there is no such file
   * @param truncationSide empty where the file does not say it, as the following ones
   */
  record Content(
      BpeModel model,
      List<AddedToken> addedTokens,
      Optional<Boolean> addPrefixSpace,
      Normalization normalization,
      Optional<Template> template,
      Optional<Side> truncationSide,
      Optional<Side> paddingSide,
      Optional<String> padToken) {

    /** That of vocab.json and merges.txt, which say nothing else. */
    static Content of(BpeModel model) {
      return new Content(
          model,
          List.of(),
          Optional.empty(),
          Normalization.NONE,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }
  }

  private TokenizerJson() {}

  static Content read(Path file) throws IOException {
    ObjectNode root = Json.readObject(file);
    Json.check(file, "", KEYS, root);
    Normalization normalization = Normalization.read(file, root.path("normalizer"));
    boolean addPrefixSpace = PreTokenizerJson.readAddPrefixSpace(file, root.path("pre_tokenizer"));
    requireByteLevel(file, "decoder", root.path("decoder"));
    Template template = readPostProcessor(file, root.path("post_processor"));
    ObjectNode truncation = Json.getObject(file, "truncation", root.path("truncation"));
    Json.check(file, "truncation", TRUNCATION_KEYS, truncation);
    ObjectNode padding = Json.getObject(file, "padding", root.path("padding"));
    Json.check(file, "padding", PADDING_KEYS, padding);
    String padToken = Json.getText(file, "padding.pad_token", padding.path("pad_token"), null);
    return new Content(
        BpeJson.read(file, root.path("model")),
        readAddedTokens(file, root.path("added_tokens")),
        Optional.of(addPrefixSpace),
        normalization,
        Optional.of(template),
        Json.side(file, "truncation.direction", truncation.path("direction")),
        Json.side(file, "padding.direction", padding.path("direction")),
        Optional.ofNullable(padToken));
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
      int id = Json.id(file, "added_tokens.id", node.path("id"));
      tokens.add(AddedTokenJson.read(file, "added_tokens", id, node, false));
    }
    AddedTokenJson.checkKeys(file, list);
    return tokens;
  }

  private static Template readPostProcessor(Path file, JsonNode node)
      throws TokenizerFormatException {
    Template template = null;
    for (JsonNode step : Json.sequence(file, "post_processor", node, "processors")) {
      if (template == null && step.path("type").asText().equals("TemplateProcessing")) {
        Json.check(file, "post_processor", TEMPLATE_KEYS, step);
        template = Template.read(file, step);
      } else {
        requireByteLevel(file, "post_processor", step);
      }
    }
    return template == null ? Template.NONE : template;
  }

  private static void requireByteLevel(Path file, String key, JsonNode node)
      throws TokenizerFormatException {
    String type = Json.getText(file, key + ".type", node.path("type"), "nothing");
    if (!type.equals("ByteLevel")) {
      throw Json.notSupported(file, key + ".type", "ByteLevel", type);
    }
    Json.check(file, key, BYTE_LEVEL_KEYS, node);
  }

  /** The bytes of the file for a tokenizer. */
  static byte[] write(Gpt2Tokenizer tokenizer) throws IOException {
    TokenizerConfig config = tokenizer.config();
    ObjectNode root = Json.newObject();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (AddedToken token : tokenizer.addedTokens()) {
      ObjectNode node = added.addObject();
      node.put("id", token.id());
      AddedTokenJson.write(token, node);
    }
    root.set("normalizer", config.normalization().toJson());
    PreTokenizerJson.write(root.putObject("pre_tokenizer"), config.addPrefixSpace());
    if (config.template().length() > 0) {
      root.set("post_processor", config.template().toJson(tokenizer::idToToken));
    } else {
      writeByteLevel(root.putObject("post_processor"), false);
    }
    writeByteLevel(root.putObject("decoder"), true);
    BpeJson.write(tokenizer.model(), root.putObject("model"));
    return new JsonMapper().writeValueAsBytes(root);
  }

  private static void writeByteLevel(ObjectNode node, boolean trimOffsets) {
    node.put("type", "ByteLevel");
    node.put("add_prefix_space", true);
    node.put("trim_offsets", trimOffsets);
    node.put("use_regex", true);
  }
}
