package org.gpt2j.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * The loop of BPE training: merge the most frequent pair of neighbours in all words, again and
 * again. Follows {@code do_train} of tokenizers' models/bpe/trainer.rs step by step, also where
 * that matters only in odd cases: the count of a merged pair is never cleared, and a pair may wait
 * in the queue several times, each time with other words.
 */
final class MergeLearner {
  /** A pair to merge in some words, with its count as it was when it was queued. */
  private record Candidate(long pair, long count, IntList words) {}

  /** Highest count first; of equal counts the smaller pair of ids. */
  private static final Comparator<Candidate> ORDER =
      Comparator.comparingLong(Candidate::count).reversed().thenComparingLong(Candidate::pair);

  private final Map<String, Integer> vocab;
  private final List<String> tokens;

  /** Token ids of each word; the first lengths[i] of them count. */
  private final List<int[]> words = new ArrayList<>();

  private final IntList lengths = new IntList(1024);
  private long[] wordCounts = new long[1024];

  /** Number of each pair; the arrays below have one element per such number. */
  private final LongIntTable pairNumbers = new LongIntTable();

  private long[] pairs = new long[1024];
  private long[] pairCounts = new long[1024];

  /** Words in which the pair is new since it was last queued; null where there are none. */
  private IntList[] newWords = new IntList[1024];

  private int pairsSeen;

  /** Numbers of the pairs that have {@link #newWords}. */
  private IntList touched = new IntList(64);

  private final PriorityQueue<Candidate> queue = new PriorityQueue<>(1024, ORDER);

  /**
   * @param vocab the first tokens with their ids 0, 1, 2 ...; merged ones are added to it
   */
  MergeLearner(Map<String, Integer> vocab) {
    this.vocab = vocab;
    String[] byId = new String[vocab.size()];
    vocab.forEach((token, id) -> byId[id] = token);
    this.tokens = new ArrayList<>(Arrays.asList(byId));
  }

  /** Adds a word, which must differ from those before; its token ids will be changed in place. */
  void addWord(int[] symbols, long count) {
    int word = words.size();
    if (word == wordCounts.length) {
      wordCounts = Arrays.copyOf(wordCounts, word * 2);
    }
    words.add(symbols);
    lengths.add(symbols.length);
    wordCounts[word] = count;
    for (int i = 0; i + 1 < symbols.length; i++) {
      change(symbols[i], symbols[i + 1], 1, word);
    }
  }

  /** Merges until the vocabulary is full or no pair is frequent enough; the merges in order. */
  long[] learn(int vocabSize, long minCount, IntConsumer progress) {
    Set<Long> merges = new LinkedHashSet<>();
    queueTouched();
    while (vocab.size() < vocabSize && !queue.isEmpty()) {
      Candidate top = queue.poll();
      long count = pairCounts[pairNumbers.get(top.pair())];
      if (top.count() != count) { // other merges took some of its places
        queue.add(new Candidate(top.pair(), count, top.words()));
        continue;
      }
      if (count < minCount) {
        break;
      }
      int left = Pair.left(top.pair());
      int right = Pair.right(top.pair());
      int merged = idOf(tokens.get(left) + tokens.get(right));
      merges.remove(top.pair()); // merged twice: the later place is the one that counts
      merges.add(top.pair());
      for (int i = 0; i < top.words().size(); i++) {
        mergeIn(top.words().get(i), left, right, merged);
      }
      queueTouched();
      progress.accept(vocab.size());
    }
    return merges.stream().mapToLong(Long::longValue).toArray();
  }

  /** Id of a token, which is added where it is new: two merges may make the same string. */
  private int idOf(String token) {
    Integer id = vocab.putIfAbsent(token, tokens.size());
    if (id != null) {
      return id;
    }
    tokens.add(token);
    return tokens.size() - 1;
  }

  private void mergeIn(int word, int left, int right, int merged) {
    int[] symbols = words.get(word);
    int length = lengths.get(word);
    int out = 0;
    int in = 0;
    while (in < length) {
      if (symbols[in] != left || in + 1 == length || symbols[in + 1] != right) {
        symbols[out++] = symbols[in++];
        continue;
      }
      if (out > 0) {
        change(symbols[out - 1], left, -1, word);
        change(symbols[out - 1], merged, 1, word);
      }
      if (in + 2 < length) {
        change(right, symbols[in + 2], -1, word);
        change(merged, symbols[in + 2], 1, word);
      }
      symbols[out++] = merged;
      in += 2;
    }
    lengths.set(word, out);
  }

  /** Counts a pair once more or less for each occurrence of a word. */
  private void change(int left, int right, int sign, int word) {
    int number = numberOf(Pair.of(left, right));
    pairCounts[number] += sign * wordCounts[word];
    if (sign > 0) {
      IntList places = newWords[number];
      if (places == null) {
        places = new IntList(4);
        newWords[number] = places;
        touched.add(number);
      }
      // One word's changes come one after another, so this keeps every word in the list once.
      if (places.size() == 0 || places.get(places.size() - 1) != word) {
        places.add(word);
      }
    }
  }

  private int numberOf(long pair) {
    int number = pairNumbers.get(pair);
    if (number == LongIntTable.NONE) {
      number = pairsSeen++;
      pairNumbers.put(pair, number);
      if (number == pairs.length) {
        pairs = Arrays.copyOf(pairs, number * 2);
        pairCounts = Arrays.copyOf(pairCounts, number * 2);
        newWords = Arrays.copyOf(newWords, number * 2);
      }
      pairs[number] = pair;
    }
    return number;
  }

  private void queueTouched() {
    for (int i = 0; i < touched.size(); i++) {
      int number = touched.get(i);
      if (pairCounts[number] > 0) {
        queue.add(new Candidate(pairs[number], pairCounts[number], newWords[number]));
      }
      newWords[number] = null;
    }
    touched = new IntList(64);
  }
}
