package org.gpt2j.tokenizer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * GPT-2's byte-level BPE tokenizer. Immutable, so safe to use from several threads.
 *
 * <p>Gives the ids of Hugging Face's GPT2TokenizerFast. Any text can be encoded, and {@code
 * decode(encode(text))} is the text again; only a surrogate without its partner, which no UTF-8 can
 * hold, becomes U+FFFD. No start or end token is added.
 */
public final class Gpt2Tokenizer {
  private final BpeModel model;
  private final AddedTokens added;
  private final TokenizerConfig config;
  private final String[] tokens;

  /** What each token stands for; made by the first decoding, since who only encodes needs none. */
  private volatile byte[][] tokenBytes;

  private final Map<String, Integer> ids;

  /**
   * @throws IllegalArgumentException where the ids of model and added tokens together are not 0, 1,
   *     2 ... without gaps, or an added token has another id than in the model
   */
  Gpt2Tokenizer(BpeModel model, List<AddedToken> addedTokens, TokenizerConfig config) {
    this.model = model;
    this.config = config;
    this.ids = new HashMap<>(model.vocab());
    for (AddedToken token : addedTokens) {
      Integer old = ids.put(token.content(), token.id());
      if (old != null && old != token.id()) {
        throw new IllegalArgumentException(
            String.format(
                "added token \"%s\": expected id %s as in the vocabulary, found %s",
                token.content(), old, token.id()));
      }
    }
    this.tokens = new String[ids.size()];
    ids.forEach(
        (token, id) -> {
          if (id >= tokens.length || tokens[id] != null) {
            throw new IllegalArgumentException(
                String.format(
                    "expected %s tokens to have the ids 0 to %s, found \"%s\" with id %s",
                    tokens.length, tokens.length - 1, token, id));
          }
          tokens[id] = token;
        });
    this.added = new AddedTokens(addedTokens);
  }

  /**
   * Reads a tokenizer from a directory: {@code tokenizer.json}, else {@code vocab.json} and {@code
   * merges.txt}; {@code tokenizer_config.json} and {@code special_tokens_map.json} may be missing.
   * Without them the bos, eos and unk token are {@code <|endoftext|>} where the vocabulary has it,
   * and there is no pad token.
   *
   * @throws java.nio.file.NoSuchFileException where the directory or its files are missing
   * @throws TokenizerFormatException where a file is broken, or asks for what is not supported
   */
  public static Gpt2Tokenizer fromPretrained(Path dir) throws IOException {
    return TokenizerFiles.read(dir);
  }

  /**
   * Writes {@code tokenizer.json}, {@code tokenizer_config.json}, {@code special_tokens_map.json},
   * {@code vocab.json} and {@code merges.txt}, from which this class and transformers load the same
   * tokenizer. Makes the directory where it is missing; each file is replaced atomically.
   */
  public void savePretrained(Path dir) throws IOException {
    TokenizerFiles.write(this, dir);
  }

  /** Token ids of a text, special tokens in it read as ordinary characters. */
  public int[] encode(String text) {
    return encode(text, SpecialTokens.AS_TEXT);
  }

  /** Token ids of a text; {@code specialTokens} says what {@code <|endoftext|>} in it means. */
  public int[] encode(String text, SpecialTokens specialTokens) {
    IntList out = new IntList(text.length() / 3 + 8);
    for (AddedTokens.Segment segment : added.split(text, specialTokens)) {
      if (segment.token() != null) {
        out.add(segment.token().id());
      } else {
        boolean prefix = config.addPrefixSpace() && !segment.text().startsWith(" ");
        model.encode(Utf8.encode(prefix ? " " + segment.text() : segment.text()), out);
      }
    }
    return out.toArray();
  }

  /**
   * Encodes texts into one rectangle of ids, special tokens read as ordinary characters. A text of
   * more than {@code maxLength} tokens loses its end. An empty text gives a row of padding only.
   *
   * @param maxLength most tokens of a row, at least 1
   * @throws IllegalStateException where the tokenizer has no pad token
   */
  public BatchEncoding encodeBatch(List<String> texts, int maxLength, Padding padding) {
    if (maxLength < 1) {
      throw new IllegalArgumentException("maxLength: expected 1 or more, found " + maxLength);
    }
    int pad =
        padTokenId()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "the tokenizer has no pad token, set one with withPadToken"));
    int[][] encoded = texts.stream().map(this::encode).toArray(int[][]::new);
    int longest = Arrays.stream(encoded).mapToInt(row -> row.length).max().orElse(0);
    int width = padding == Padding.MAX_LENGTH ? maxLength : Math.min(longest, maxLength);
    int[][] inputIds = new int[encoded.length][];
    int[][] attentionMask = new int[encoded.length][width];
    for (int i = 0; i < encoded.length; i++) {
      inputIds[i] = Arrays.copyOf(encoded[i], width);
      int length = Math.min(encoded[i].length, width);
      Arrays.fill(inputIds[i], length, width, pad);
      Arrays.fill(attentionMask[i], 0, length, 1);
    }
    return new BatchEncoding(inputIds, attentionMask);
  }

  /** The text of some tokens; bytes that are no valid UTF-8 become U+FFFD. */
  public String decode(int[] tokenIds) {
    return decode(tokenIds, false);
  }

  /**
   * The text of some tokens, with or without the special ones. Bytes that are no valid UTF-8 become
   * U+FFFD, one for each maximal part of a broken sequence.
   *
   * @throws IllegalArgumentException where an id is not in the vocabulary
   */
  public String decode(int[] tokenIds, boolean skipSpecialTokens) {
    int[] kept =
        skipSpecialTokens
            ? Arrays.stream(tokenIds).filter(id -> !added.isSpecial(id)).toArray()
            : tokenIds;
    return Utf8.decodeLossy(decodeBytes(kept));
  }

  /** Decodes tokens that come one by one, with or without the special ones. */
  public DecodeStream decodeStream(boolean skipSpecialTokens) {
    return new DecodeStream(this, skipSpecialTokens);
  }

  boolean isSpecial(int id) {
    return added.isSpecial(id);
  }

  /**
   * The bytes of some tokens. A token may end inside a character: {@link #decodeStream} is for who
   * shows tokens one by one.
   *
   * @throws IllegalArgumentException where an id is not in the vocabulary
   */
  public byte[] decodeBytes(int... tokenIds) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(tokenIds.length * 4);
    byte[][] all = tokenBytes();
    for (int id : tokenIds) {
      bytes.writeBytes(all[checkedId(id)]);
    }
    return bytes.toByteArray();
  }

  private byte[][] tokenBytes() {
    byte[][] all = tokenBytes;
    if (all == null) {
      all = new byte[tokens.length][];
      for (int id = 0; id < all.length; id++) {
        all[id] = ByteLevel.toBytes(tokens[id]);
      }
      tokenBytes = all;
    }
    return all;
  }

  /** Number of tokens, added ones included; the ids are 0 to this minus 1. */
  public int vocabSize() {
    return tokens.length;
  }

  /** Id of a token in its file form, in which a space is U+0120; empty where there is none. */
  public OptionalInt tokenToId(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * A token in its file form, in which a space is U+0120.
   *
   * @throws IllegalArgumentException where the id is not in the vocabulary
   */
  public String idToToken(int id) {
    return tokens[checkedId(id)];
  }

  private int checkedId(int id) {
    if (id < 0 || id >= tokens.length) {
      throw new IllegalArgumentException(
          "token id: expected 0 to " + (tokens.length - 1) + ", found " + id);
    }
    return id;
  }

  /** Id of the token that starts a text, where there is one. */
  public OptionalInt bosTokenId() {
    return idOf(config.bosToken());
  }

  /** Id of the token that ends a text, where there is one. */
  public OptionalInt eosTokenId() {
    return idOf(config.eosToken());
  }

  /** Id of the token that pads a batch, where there is one. */
  public OptionalInt padTokenId() {
    return idOf(config.padToken());
  }

  private OptionalInt idOf(Optional<String> token) {
    return token.map(this::tokenToId).orElse(OptionalInt.empty());
  }

  /** Most tokens the model takes, where the files say so. Encoding does not enforce it. */
  public OptionalInt modelMaxLength() {
    return config.modelMaxLength();
  }

  /**
   * This tokenizer with another pad token, which must be in the vocabulary; GPT-2 has none of its
   * own, and commonly {@code <|endoftext|>} is taken.
   */
  public Gpt2Tokenizer withPadToken(String token) {
    int id =
        tokenToId(token)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "pad token: expected a token of the vocabulary, found \"" + token + "\""));
    List<AddedToken> all = added.with(new AddedToken(token, id, true, false));
    return new Gpt2Tokenizer(model, all, config.withPadToken(token));
  }

  /** This tokenizer with the eos token as pad token. */
  public Gpt2Tokenizer withEosAsPadToken() {
    return withPadToken(
        config
            .eosToken()
            .orElseThrow(() -> new IllegalStateException("the tokenizer has no eos token")));
  }

  /** This tokenizer with another {@link #modelMaxLength}, at least 1. */
  public Gpt2Tokenizer withModelMaxLength(int length) {
    if (length < 1) {
      throw new IllegalArgumentException("length: expected 1 or more, found " + length);
    }
    return new Gpt2Tokenizer(model, added.all(), config.withModelMaxLength(length));
  }

  BpeModel model() {
    return model;
  }

  List<AddedToken> addedTokens() {
    return added.all();
  }

  TokenizerConfig config() {
    return config;
  }
}
