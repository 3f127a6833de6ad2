package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * The formats of {@code tokenizer_config.json} and {@code special_tokens_map.json}, which
 * transformers writes. Both may be missing; where both name a token, the first one counts.
 */
final class ConfigFiles {
  static final String CONFIG_NAME = "tokenizer_config.json";
  static final String SPECIAL_TOKENS_NAME = "special_tokens_map.json";

  private final Path configFile;
  private final JsonNode config;
  private final Path specialTokensFile;
  private final JsonNode specialTokens;

  private ConfigFiles(Path dir) throws IOException {
    configFile = dir.resolve(CONFIG_NAME);
    config = readOptional(configFile);
    specialTokensFile = dir.resolve(SPECIAL_TOKENS_NAME);
    specialTokens = readOptional(specialTokensFile);
  }

  static ConfigFiles read(Path dir) throws IOException {
    return new ConfigFiles(dir);
  }

  private static JsonNode readOptional(Path file) throws IOException {
    return Files.exists(file) ? Json.readObject(file) : Json.newObject();
  }

  /** The settings; {@code isToken} knows all tokens, of which those named here must be. */
  TokenizerConfig config(Predicate<String> isToken, boolean addPrefixSpace) throws IOException {
    for (String key : List.of("add_bos_token", "add_eos_token")) {
      if (Json.getBoolean(configFile, config, key, false)) {
        throw new TokenizerFormatException(
            configFile + ": " + key + " is true, only false is supported");
      }
    }
    // transformers' GPT2Tokenizer takes <|endoftext|> for these three by default.
    return new TokenizerConfig(
        token("bos_token", TokenizerConfig.END_OF_TEXT, isToken),
        token("eos_token", TokenizerConfig.END_OF_TEXT, isToken),
        token("unk_token", TokenizerConfig.END_OF_TEXT, isToken),
        token("pad_token", null, isToken),
        modelMaxLength(),
        Json.getBoolean(configFile, config, "add_prefix_space", addPrefixSpace));
  }

  /** Tokens of {@code added_tokens_decoder}. */
  List<AddedToken> addedTokens() throws IOException {
    List<AddedToken> tokens = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : config.path("added_tokens_decoder").properties()) {
      int id;
      try {
        id = Integer.parseUnsignedInt(entry.getKey());
      } catch (NumberFormatException e) {
        id = -1;
      }
      if (id < 0) {
        throw new TokenizerFormatException(
            String.format(
                "%s: key \"added_tokens_decoder\": expected ids as keys, found \"%s\"",
                configFile, entry.getKey()));
      }
      tokens.add(
          TokenizerJson.readAddedToken(configFile, "added_tokens_decoder", id, entry.getValue()));
    }
    return tokens;
  }

  private Optional<String> token(String key, String otherwise, Predicate<String> isToken)
      throws TokenizerFormatException {
    Path file = config.has(key) ? configFile : specialTokensFile;
    JsonNode node = config.has(key) ? config.path(key) : specialTokens.path(key);
    if (node.isMissingNode()) {
      return Optional.ofNullable(otherwise).filter(isToken);
    }
    if (node.isNull()) {
      return Optional.empty();
    }
    JsonNode content = node.isObject() ? node.path("content") : node;
    if (!content.isTextual()) {
      throw Json.wrong(file, key, "a string or {\"content\": string}", node);
    }
    if (!isToken.test(content.textValue())) {
      throw Json.wrong(file, key, "a token of the vocabulary", content);
    }
    return Optional.of(content.textValue());
  }

  private OptionalInt modelMaxLength() throws TokenizerFormatException {
    JsonNode node = config.path("model_max_length");
    if (Json.isAbsent(node)) {
      return OptionalInt.empty();
    }
    if (!node.isNumber() || node.asDouble() < 1) {
      throw Json.wrong(configFile, "model_max_length", "a number of 1 or more", node);
    }
    // transformers writes int(1e30) for "no limit".
    return node.canConvertToInt() ? OptionalInt.of(node.intValue()) : OptionalInt.empty();
  }

  static byte[] writeConfig(Gpt2Tokenizer tokenizer) throws IOException {
    TokenizerConfig config = tokenizer.config();
    ObjectNode root = Json.newObject();
    root.put("add_prefix_space", config.addPrefixSpace());
    // GPT2Tokenizer of transformers 5 takes added tokens from here, not from tokenizer.json.
    ObjectNode added = root.putObject("added_tokens_decoder");
    for (AddedToken token : tokenizer.addedTokens()) {
      TokenizerJson.writeAddedToken(token, added.putObject(Integer.toString(token.id())));
    }
    // A null, unlike a missing key, keeps transformers from taking its default.
    namedTokens(config).forEach((key, token) -> root.put(key, token.orElse(null)));
    root.put("clean_up_tokenization_spaces", false);
    root.put("errors", "replace");
    config.modelMaxLength().ifPresent(length -> root.put("model_max_length", length));
    root.put("tokenizer_class", "GPT2Tokenizer");
    return pretty(root);
  }

  static byte[] writeSpecialTokensMap(Gpt2Tokenizer tokenizer) throws IOException {
    ObjectNode root = Json.newObject();
    namedTokens(tokenizer.config())
        .forEach((key, token) -> token.ifPresent(string -> root.put(key, string)));
    return pretty(root);
  }

  private static Map<String, Optional<String>> namedTokens(TokenizerConfig config) {
    Map<String, Optional<String>> tokens = new LinkedHashMap<>();
    tokens.put("bos_token", config.bosToken());
    tokens.put("eos_token", config.eosToken());
    tokens.put("unk_token", config.unkToken());
    tokens.put("pad_token", config.padToken());
    return tokens;
  }

  private static byte[] pretty(ObjectNode root) throws IOException {
    return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
  }
}
