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
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.gpt2j.io.KeyTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that transformers writes beside a vocabulary: {@code tokenizer_config.json}, and {@code
 * special_tokens_map.json} and {@code added_tokens.json}, which versions before 4.34 needed. All
 * may be missing. As in transformers, the latter two count only where the first one has no {@code
 * added_tokens_decoder}, and a token with a role that the map names goes before that of the first.
 */
final class ConfigFiles {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigFiles.class);

  static final String CONFIG_NAME = "tokenizer_config.json";
  static final String SPECIAL_TOKENS_NAME = "special_tokens_map.json";
  static final String ADDED_TOKENS_NAME = "added_tokens.json";

  private static final String CLASS = "tokenizer_class";
  private static final String PAD_TOKEN = "pad_token";
  private static final String ADDED_TOKENS_DECODER = "added_tokens_decoder";

  /** Classes of transformers that take vocabulary and merges and make all else anew. */
  private static final Set<String> GPT2_CLASSES = Set.of("GPT2Tokenizer", "GPT2TokenizerFast");

  /** Classes that take tokenizer.json as it is. */
  private static final Set<String> PLAIN_CLASSES =
      Set.of(
          "PreTrainedTokenizerFast", "TokenizersBackend", "PreTrainedTokenizer", "PythonBackend");

  /** Those that are {@code <|endoftext|>} where nothing else is said. */
  private static final List<String> DEFAULT_ROLES = List.of("bos_token", "eos_token", "unk_token");

  /**
   * What transformers 2 to 5 write. Cleaning up spaces, errors and what special tokens in a text
   * mean are those of the call here, as they are in tokenizers.
   */
  private static final KeyTable KEYS =
      KeyTable.builder()
          .obeyed("add_prefix_space", "add_bos_token", "add_eos_token", CLASS)
          .obeyed("model_max_length", "max_len", "truncation_side", "padding_side")
          .obeyed(ADDED_TOKENS_DECODER)
          .obeyed(RoleTokens.ROLES.toArray(String[]::new))
          .obeyed(RoleTokens.LISTS.toArray(String[]::new))
          .withoutEffect("backend", "is_local", "local_files_only", "verbose", "name_or_path")
          .withoutEffect("special_tokens_map_file", "tokenizer_file", "vocab_file", "merges_file")
          .withoutEffect("processor_class", "model_input_names", "files_loaded", "device_map")
          .withoutEffect("slow_tokenizer_class", "transformers_version", "_commit_hash")
          .withoutEffect("chat_template", "response_template", "response_schema")
          .withoutEffect("chat_control_tokens", "split_special_tokens", "errors", "trim_offsets")
          .withoutEffect("clean_up_tokenization_spaces", "pad_token_type_id", "token_type_ids")
          .withoutEffect("max_length", "stride", "truncation", "truncation_strategy", "padding")
          .withoutEffect("pad_to_multiple_of", "use_fast", "legacy")
          .refused("clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output")
          .refused("fast_tokenizer_files", "init_inputs")
          .build();

  private static final KeyTable SPECIAL_TOKENS_KEYS =
      KeyTable.builder()
          .obeyed(RoleTokens.ROLES.toArray(String[]::new))
          .obeyed(RoleTokens.LISTS.toArray(String[]::new))
          .build();

  private final Path configFile;
  private final ObjectNode config;
  private final boolean isThere;
  private final RoleTokens ofConfig;
  private final RoleTokens ofMap;
  private final Path addedTokensFile;
  private final ObjectNode addedTokens;

  private ConfigFiles(Path dir) throws IOException {
    configFile = dir.resolve(CONFIG_NAME);
    isThere = Files.exists(configFile);
    config = readOptional(configFile);
    boolean older = Json.isAbsent(config.path(ADDED_TOKENS_DECODER));
    Path mapFile = dir.resolve(SPECIAL_TOKENS_NAME);
    ofConfig = new RoleTokens(configFile, config);
    ofMap = new RoleTokens(mapFile, older ? readOptional(mapFile) : Json.newObject());
    addedTokensFile = dir.resolve(ADDED_TOKENS_NAME);
    addedTokens = older ? readOptional(addedTokensFile) : Json.newObject();
    Json.check(configFile, "", KEYS, ofConfig.withoutOwnRoles());
    Json.check(mapFile, "", SPECIAL_TOKENS_KEYS, ofMap.withoutOwnRoles());
    String name = tokenizerClass();
    if (!GPT2_CLASSES.contains(name) && !PLAIN_CLASSES.contains(name)) {
      throw Json.wrong(
          configFile, CLASS, "GPT2Tokenizer or PreTrainedTokenizerFast", config.path(CLASS));
    }
  }

  /** Reads what there is of the files. */
  static ConfigFiles read(Path dir) throws IOException {
    return new ConfigFiles(dir);
  }

  private static ObjectNode readOptional(Path file) throws IOException {
    return Files.exists(file) ? Json.readObject(file) : Json.newObject();
  }

  private String tokenizerClass() throws TokenizerFormatException {
    return Json.getText(configFile, CLASS, config.path(CLASS), "GPT2Tokenizer");
  }

  /**
   * Whether the configuration asks for transformers' GPT2Tokenizer, which of tokenizer.json takes
   * no more than vocabulary, merges, added tokens and the post-processor.
   */
  boolean asksForGpt2Tokenizer() throws TokenizerFormatException {
    return isThere && GPT2_CLASSES.contains(tokenizerClass());
  }

  /**
   * Adds the tokens that the files list with their ids, then those with a role.
   *
   * @param padToken that of tokenizer.json, for who does not say it here
   */
  NamedTokens addTo(AddedVocabulary added, Optional<String> padToken)
      throws TokenizerFormatException {
    Map<String, AddedToken> roles = roles(added, padToken);
    List<AddedToken> special = new ArrayList<>(roles.values());
    special.addAll(ofConfig.others());
    special.addAll(ofMap.others());
    Set<String> names = special.stream().map(AddedToken::content).collect(Collectors.toSet());
    for (AddedToken token : listed(names)) {
      added.add(token);
    }
    for (AddedToken token : special) {
      added.addSpecial(token);
    }
    Function<String, Optional<String>> name =
        role -> Optional.ofNullable(roles.get(role)).map(AddedToken::content);
    return new NamedTokens(
        name.apply("bos_token"),
        name.apply("eos_token"),
        name.apply("unk_token"),
        name.apply(PAD_TOKEN));
  }

  private Map<String, AddedToken> roles(AddedVocabulary added, Optional<String> padToken)
      throws TokenizerFormatException {
    Map<String, AddedToken> roles = new LinkedHashMap<>();
    for (String role : RoleTokens.ROLES) {
      RoleTokens from = ofMap.has(role) ? ofMap : ofConfig;
      Optional<AddedToken> token = from.get(role);
      if (!from.has(role)) {
        token =
            otherwise(role, padToken, added)
                .map(content -> AddedToken.special(content, AddedToken.NO_ID));
      }
      token.ifPresent(t -> roles.put(role, t));
    }
    return roles;
  }

  /** The token of a role that no file speaks of. */
  private Optional<String> otherwise(String role, Optional<String> padToken, AddedVocabulary added)
      throws TokenizerFormatException {
    if (role.equals(PAD_TOKEN)) {
      return asksForGpt2Tokenizer() ? Optional.empty() : padToken;
    }
    // transformers' GPT2Tokenizer has that token even where the vocabulary does not.
    boolean known = asksForGpt2Tokenizer() || added.contains(NamedTokens.END_OF_TEXT);
    return DEFAULT_ROLES.contains(role) && known
        ? Optional.of(NamedTokens.END_OF_TEXT)
        : Optional.empty();
  }

  /**
   * The tokens of added_tokens_decoder, or of added_tokens.json, in the order of their ids.
   *
   * @param special the names of those that are special, which the latter does not say
   */
  private List<AddedToken> listed(Set<String> special) throws TokenizerFormatException {
    Map<Integer, AddedToken> tokens = new TreeMap<>();
    ObjectNode decoder =
        Json.getObject(configFile, ADDED_TOKENS_DECODER, config.path(ADDED_TOKENS_DECODER));
    for (Map.Entry<String, JsonNode> entry : decoder.properties()) {
      int id = decoderId(entry.getKey());
      tokens.put(
          id, AddedTokenJson.read(configFile, ADDED_TOKENS_DECODER, id, entry.getValue(), false));
    }
    AddedTokenJson.checkKeys(configFile, decoder);
    for (Map.Entry<String, JsonNode> entry : addedTokens.properties()) {
      int id = Json.id(addedTokensFile, entry.getKey(), entry.getValue());
      ObjectNode token = Json.newObject().put("content", entry.getKey());
      AddedToken old =
          tokens.put(
              id,
              AddedTokenJson.read(
                  addedTokensFile, "(top level)", id, token, special.contains(entry.getKey())));
      if (old != null) {
        throw Json.wrong(
            addedTokensFile,
            entry.getKey(),
            "an id of its own, not that of " + Json.shown(old.content()),
            entry.getValue());
      }
    }
    return new ArrayList<>(tokens.values());
  }

  private int decoderId(String key) throws TokenizerFormatException {
    try {
      int id = Integer.parseUnsignedInt(key);
      if (id >= 0) {
        return id;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new TokenizerFormatException(
        String.format(
            "%s: key \"%s\": expected ids as keys, found \"%s\"",
            configFile, ADDED_TOKENS_DECODER, Json.shown(key)));
  }

  /**
   * Whether a text that does not start with a space gets one.
   *
   * @param ofTokenizerJson what tokenizer.json says; empty where there is none
   */
  boolean addPrefixSpace(Optional<Boolean> ofTokenizerJson) throws TokenizerFormatException {
    String key = "add_prefix_space";
    boolean here = Json.getBoolean(configFile, config, key, false);
    boolean there = ofTokenizerJson.orElse(here);
    boolean result = asksForGpt2Tokenizer() ? here : there;
    boolean silent = Json.isAbsent(config.path(key));
    if (here != there && silent == asksForGpt2Tokenizer()) {
      LOG.warn(
          "{}: {}: {} here, but {} in tokenizer.json: {} counts, as in transformers with this {}",
          configFile,
          key,
          silent ? "nothing" : here,
          there,
          result,
          CLASS);
    }
    return result;
  }

  /** Where a text that is too long is cut; empty where the file does not say it. */
  Optional<Side> truncationSide() throws TokenizerFormatException {
    return Json.side(configFile, "truncation_side", config.path("truncation_side"));
  }

  /** Where a row that is too short is filled; empty where the file does not say it. */
  Optional<Side> paddingSide() throws TokenizerFormatException {
    return Json.side(configFile, "padding_side", config.path("padding_side"));
  }

  /** The bos and eos token around every text, where the file asks for them. */
  Template template(NamedTokens tokens, ToIntFunction<String> id) throws TokenizerFormatException {
    return new Template(
        ids("add_bos_token", tokens.bos(), id), ids("add_eos_token", tokens.eos(), id));
  }

  private int[] ids(String key, Optional<String> token, ToIntFunction<String> id)
      throws TokenizerFormatException {
    boolean asked = Json.getBoolean(configFile, config, key, false);
    return token.filter(t -> asked).stream().mapToInt(id).toArray();
  }

  OptionalInt modelMaxLength() throws TokenizerFormatException {
    String key = Json.isAbsent(config.path("model_max_length")) ? "max_len" : "model_max_length";
    JsonNode node = config.path(key);
    if (Json.isAbsent(node)) {
      return OptionalInt.empty();
    }
    if (!(node.isNumber() && node.asDouble() >= 1)) {
      throw Json.wrong(configFile, key, "a number of 1 or more", node);
    }
    // transformers writes int(1e30) for "no limit".
    return node.canConvertToInt() ? OptionalInt.of(node.intValue()) : OptionalInt.empty();
  }

  static byte[] writeConfig(Gpt2Tokenizer tokenizer) throws IOException {
    TokenizerConfig config = tokenizer.config();
    ObjectNode root = Json.newObject();
    root.put("add_prefix_space", config.addPrefixSpace());
    // GPT2Tokenizer of transformers 5 takes added tokens from here, not from tokenizer.json.
    ObjectNode added = root.putObject(ADDED_TOKENS_DECODER);
    for (AddedToken token : tokenizer.addedTokens()) {
      AddedTokenJson.write(token, added.putObject(Integer.toString(token.id())));
    }
    // A null, unlike a missing key, keeps transformers from taking its default.
    config.tokens().byKey().forEach((key, token) -> root.put(key, token.orElse(null)));
    root.put("clean_up_tokenization_spaces", false);
    root.put("errors", "replace");
    config.modelMaxLength().ifPresent(length -> root.put("model_max_length", length));
    if (config.paddingSide() != Side.RIGHT) {
      root.put("padding_side", "left");
    }
    // GPT2Tokenizer of transformers 5 passes over what tokenizer.json says of these.
    boolean plain = !config.normalization().forms().isEmpty() || tokenizer.model().ignoreMerges();
    root.put(CLASS, plain ? "PreTrainedTokenizerFast" : "GPT2Tokenizer");
    if (config.truncationSide() != Side.RIGHT) {
      root.put("truncation_side", "left");
    }
    return pretty(root);
  }

  static byte[] writeSpecialTokensMap(Gpt2Tokenizer tokenizer) throws IOException {
    ObjectNode root = Json.newObject();
    tokenizer
        .config()
        .tokens()
        .byKey()
        .forEach((key, token) -> token.ifPresent(string -> root.put(key, string)));
    return pretty(root);
  }

  private static byte[] pretty(ObjectNode root) throws IOException {
    return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
  }
}
