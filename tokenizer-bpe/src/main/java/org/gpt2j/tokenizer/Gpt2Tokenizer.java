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
 * hold, becomes U+FFFD. No start or end token is added, unless the files ask for it.
 */
public final class Gpt2Tokenizer {
  /** More than any vocabulary has; the tables that are as long as the largest id stay small. */
  static final int LARGEST_ID = (1 << 22) - 1;

  private final BpeModel model;
  private final AddedTokens added;
  private final TokenizerConfig config;

  /** The token of each id, null where there is none. */
  private final String[] tokens;

  /** What each token stands for; made by the first decoding, since who only encodes needs none. */
  private volatile byte[][] tokenBytes;

  private final Map<String, Integer> ids;

  /**
   * @throws IllegalArgumentException where two tokens have one id, an added token has another id
   *     than in the model, the template has an id without a token, or an id is so large that a
   *     table of them would fill the memory
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
                Json.shown(token.content()), old, token.id()));
      }
    }
    this.tokens = byId(ids);
    for (AddedToken token : addedTokens) { // tokenizers decodes what it looks for in a text
      if (token.normalized()) {
        tokens[token.id()] = config.normalization().apply(token.content());
      }
    }
    config.template().check(id -> id < tokens.length && tokens[id] != null);
    this.added = new AddedTokens(addedTokens, config.normalization());
  }

  private static String[] byId(Map<String, Integer> ids) {
    int largest = -1;
    for (Map.Entry<String, Integer> entry : ids.entrySet()) {
      if (entry.getValue() > LARGEST_ID) {
        throw new IllegalArgumentException(
            String.format(
                "expected ids up to %s, found \"%s\" with id %s",
                LARGEST_ID, Json.shown(entry.getKey()), entry.getValue()));
      }
      largest = Math.max(largest, entry.getValue());
    }
    String[] tokens = new String[largest + 1];
    ids.forEach(
        (token, id) -> {
          if (tokens[id] != null) {
            throw new IllegalArgumentException(
                String.format(
                    "expected one token per id, found id %s for both \"%s\" and \"%s\"",
                    id, Json.shown(tokens[id]), Json.shown(token)));
          }
          tokens[id] = token;
        });
    return tokens;
  }

  /**
   * Reads a tokenizer from a directory: {@code tokenizer.json}, else {@code vocab.json} and {@code
   * merges.txt}; {@code tokenizer_config.json}, {@code special_tokens_map.json} and {@code
   * added_tokens.json} may be missing. Without them the bos, eos and unk token are {@code
   * <|endoftext|>} where the vocabulary has it, and there is no pad token. A token with a role that
   * is new, such as a pad token that only tokenizer_config.json names, gets the next free id, as in
   * transformers: it may be beyond the rows of a model.
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
    out.addAll(config.template().before());
    for (AddedTokens.Segment segment : added.split(text, specialTokens)) {
      if (segment.token() != null) {
        out.add(segment.token().id());
      } else {
        boolean prefix = config.addPrefixSpace() && !segment.text().startsWith(" ");
        model.encode(Utf8.encode(prefix ? " " + segment.text() : segment.text()), out);
      }
    }
    out.addAll(config.template().after());
    return out.toArray();
  }

  /**
   * The ids of a text cut to a number of tokens, as transformers does with {@code truncation=True}:
   * at the end or at the beginning, as {@link #truncationSide} says. Tokens that the files ask for
   * at the start or end of every text are kept.
   *
   * @param ids what {@link #encode} gave; itself returned where it is not longer
   * @param maxLength most tokens, at least 1
   */
  public int[] truncate(int[] ids, int maxLength) {
    if (maxLength < 1) {
      throw new IllegalArgumentException("maxLength: expected 1 or more, found " + maxLength);
    }
    return ids.length <= maxLength
        ? ids
        : config.template().truncate(ids, maxLength, config.truncationSide());
  }

  /**
   * Encodes texts into one rectangle of ids, special tokens read as ordinary characters. A text of
   * more than {@code maxLength} tokens is cut as by {@link #truncate}; a shorter one is padded
   * where {@link #paddingSide} says. An empty text gives a row of padding only.
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
    int[][] rows =
        texts.stream().map(text -> truncate(encode(text), maxLength)).toArray(int[][]::new);
    int longest = Arrays.stream(rows).mapToInt(row -> row.length).max().orElse(0);
    int width = padding == Padding.MAX_LENGTH ? maxLength : longest;
    int[][] inputIds = new int[rows.length][width];
    int[][] attentionMask = new int[rows.length][width];
    for (int i = 0; i < rows.length; i++) {
      int length = rows[i].length;
      int start = config.paddingSide() == Side.RIGHT ? 0 : width - length;
      Arrays.fill(inputIds[i], pad);
      System.arraycopy(rows[i], 0, inputIds[i], start, length);
      Arrays.fill(attentionMask[i], start, start + length, 1);
    }
    return new BatchEncoding(inputIds, attentionMask);
  }

  /**
   * The text of some tokens; bytes that are no valid UTF-8 become U+FFFD. An id without a token,
   * such as those of a vocabulary that was padded to a round number, stands for nothing.
   *
   * @throws IllegalArgumentException where an id is negative
   */
  public String decode(int[] tokenIds) {
    return decode(tokenIds, false);
  }

  /**
   * The text of some tokens, with or without the special ones. Bytes that are no valid UTF-8 become
   * U+FFFD, one for each maximal part of a broken sequence. An id without a token, such as those of
   * a vocabulary that was padded to a round number, stands for nothing.
   *
   * @throws IllegalArgumentException where an id is negative
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
   * shows tokens one by one. An id without a token, such as those of a vocabulary that was padded
   * to a round number, stands for nothing.
   *
   * @throws IllegalArgumentException where an id is negative
   */
  public byte[] decodeBytes(int... tokenIds) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(tokenIds.length * 4);
    byte[][] all = tokenBytes();
    for (int id : tokenIds) {
      if (id < 0) {
        throw new IllegalArgumentException("token id: expected 0 or more, found " + id);
      }
      if (id < all.length) {
        bytes.writeBytes(all[id]);
      }
    }
    return bytes.toByteArray();
  }

  private byte[][] tokenBytes() {
    byte[][] all = tokenBytes;
    if (all == null) {
      all = new byte[tokens.length][];
      for (int id = 0; id < all.length; id++) {
        all[id] = tokens[id] == null ? new byte[0] : ByteLevel.toBytes(tokens[id]);
      }
      tokenBytes = all;
    }
    return all;
  }

  /**
   * One more than the largest id, added tokens included: as many rows a model needs for them. It is
   * the number of tokens, unless there are ids without one.
   */
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
    if (id < 0 || id >= tokens.length || tokens[id] == null) {
      throw new IllegalArgumentException(
          "token id: expected one of 0 to " + (tokens.length - 1) + " with a token, found " + id);
    }
    return tokens[id];
  }

  /** Id of the token that starts a text, where there is one. */
  public OptionalInt bosTokenId() {
    return idOf(config.tokens().bos());
  }

  /** Id of the token that ends a text, where there is one. */
  public OptionalInt eosTokenId() {
    return idOf(config.tokens().eos());
  }

  /** Id of the token that pads a batch, where there is one. */
  public OptionalInt padTokenId() {
    return idOf(config.tokens().pad());
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
    List<AddedToken> all = added.with(AddedToken.special(token, id));
    return new Gpt2Tokenizer(model, all, config.withTokens(config.tokens().withPad(token)));
  }

  /** This tokenizer with the eos token as pad token. */
  public Gpt2Tokenizer withEosAsPadToken() {
    return withPadToken(
        config
            .tokens()
            .eos()
            .orElseThrow(() -> new IllegalStateException("the tokenizer has no eos token")));
  }

  /** This tokenizer with another {@link #modelMaxLength}, at least 1. */
  public Gpt2Tokenizer withModelMaxLength(int length) {
    if (length < 1) {
      throw new IllegalArgumentException("length: expected 1 or more, found " + length);
    }
    return new Gpt2Tokenizer(model, added.all(), config.withModelMaxLength(length));
  }

  /** Where a text that is too long loses tokens; transformers' {@code truncation_side}. */
  public Side truncationSide() {
    return config.truncationSide();
  }

  /** Where a row of a batch that is too short is filled; transformers' {@code padding_side}. */
  public Side paddingSide() {
    return config.paddingSide();
  }

  /** This tokenizer with another {@link #truncationSide}. */
  public Gpt2Tokenizer withTruncationSide(Side side) {
    return new Gpt2Tokenizer(model, added.all(), config.withSides(side, config.paddingSide()));
  }

  /** This tokenizer with another {@link #paddingSide}. */
  public Gpt2Tokenizer withPaddingSide(Side side) {
    return new Gpt2Tokenizer(model, added.all(), config.withSides(config.truncationSide(), side));
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
