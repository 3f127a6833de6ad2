package org.gpt2j.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Learns a byte-level BPE vocabulary from text.
 *
 * <p>The result is that of Hugging Face tokenizers' {@code BpeTrainer} with {@code
 * initial_alphabet=ByteLevel.alphabet()} and the pre-tokenizer {@code
 * ByteLevel(add_prefix_space=False)}, trained by {@code train_from_iterator}: ids are the special
 * tokens, then the 256 bytes sorted by their character, then one token per merge. Source:
 * tokenizers' models/bpe/trainer.rs.
 *
 * <pre>{@code
 * Gpt2Tokenizer tokenizer =
 *     new BpeTrainer()
 *         .vocabSize(8192)
 *         .minFrequency(2)
 *         .specialTokens(List.of("<|endoftext|>"))
 *         .train(documents.iterator());
 * }</pre>
 */
public final class BpeTrainer {
  private int vocabSize = 30_000;
  private long minFrequency = 0;
  private List<String> specialTokens = List.of();
  private IntConsumer progress = size -> {};

  /** A trainer with the defaults of tokenizers: 30,000 tokens, no special tokens, no minimum. */
  public BpeTrainer() {}

  /** Number of tokens to stop at, special tokens and the 256 bytes included; default 30,000. */
  public BpeTrainer vocabSize(int size) {
    vocabSize = size;
    return this;
  }

  /** How often a pair must occur to be merged; default 0, which is the same as 1. */
  public BpeTrainer minFrequency(long frequency) {
    if (frequency < 0) {
      throw new IllegalArgumentException("minFrequency: expected 0 or more, found " + frequency);
    }
    minFrequency = frequency;
    return this;
  }

  /**
   * Special tokens, which get the ids 0, 1 ... in this order; default none. {@code <|endoftext|>}
   * among them becomes the bos, eos and unk token.
   */
  public BpeTrainer specialTokens(List<String> tokens) {
    specialTokens = tokens.stream().distinct().toList();
    if (specialTokens.contains("")) {
      throw new IllegalArgumentException("specialTokens: expected no empty string, found one");
    }
    return this;
  }

  /** Called after each merge with the number of tokens so far. */
  public BpeTrainer progress(IntConsumer listener) {
    progress = listener;
    return this;
  }

  /**
   * Trains on documents. No piece goes over the end of a document; special tokens in them are
   * ordinary text.
   *
   * @throws IllegalArgumentException where the vocabulary size leaves no room for the special
   *     tokens and the 256 bytes
   */
  public Gpt2Tokenizer train(Iterator<String> documents) {
    Map<String, Integer> vocab = new HashMap<>();
    for (String token : specialTokens) {
      vocab.put(token, vocab.size());
    }
    int[] byteIds = addAlphabet(vocab);
    if (vocabSize < vocab.size()) {
      throw new IllegalArgumentException(
          String.format(
              "vocabSize: expected at least %s (256 bytes and the special tokens), found %s",
              vocab.size(), vocabSize));
    }
    PieceTable words = new PieceTable();
    long[] counts = count(documents, words);
    MergeLearner learner = new MergeLearner(vocab);
    for (int i = 0; i < words.size(); i++) {
      byte[] word = words.get(i);
      int[] symbols = new int[word.length];
      for (int j = 0; j < symbols.length; j++) {
        symbols[j] = byteIds[word[j] & 0xff];
      }
      learner.addWord(symbols, counts[i]);
    }
    long[] merges = learner.learn(vocabSize, Math.max(1, minFrequency), progress);
    return toTokenizer(new BpeModel(vocab, merges, false));
  }

  /** Adds the 256 byte tokens, sorted by character; a special token that is one keeps its id. */
  private static int[] addAlphabet(Map<String, Integer> vocab) {
    char[] alphabet = new char[256];
    for (int b = 0; b < 256; b++) {
      alphabet[b] = ByteLevel.charOf(b);
    }
    Arrays.sort(alphabet);
    for (char c : alphabet) {
      vocab.putIfAbsent(String.valueOf(c), vocab.size());
    }
    int[] byteIds = new int[256];
    for (int b = 0; b < 256; b++) {
      byteIds[b] = vocab.get(String.valueOf(ByteLevel.charOf(b)));
    }
    return byteIds;
  }

  /** Gathers the pieces of all documents; returns how often each occurs. */
  private static long[] count(Iterator<String> documents, PieceTable words) {
    long[] counts = new long[1024];
    while (documents.hasNext()) {
      byte[] text = Utf8.encode(documents.next());
      int start = 0;
      while (start < text.length) {
        int end = Gpt2Splitter.pieceEnd(text, start);
        int word = words.add(text, start, end);
        if (word >= counts.length) {
          counts = Arrays.copyOf(counts, counts.length * 2);
        }
        counts[word]++;
        start = end;
      }
    }
    return counts;
  }

  private Gpt2Tokenizer toTokenizer(BpeModel model) {
    List<AddedToken> added =
        specialTokens.stream()
            .map(token -> AddedToken.special(token, model.vocab().get(token)))
            .toList();
    Optional<String> endOfText =
        Optional.of(NamedTokens.END_OF_TEXT).filter(specialTokens::contains);
    return new Gpt2Tokenizer(model, added, TokenizerConfig.of(endOfText));
  }
}
