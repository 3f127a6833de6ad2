package org.gpt2j.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.gpt2j.nn.CounterRandom;
import org.gpt2j.nn.KeyValueCache;
import org.gpt2j.nn.PackedBatch;

/** One call of {@link Gpt2LMHeadModel#generate}. */
final class Generation {
  /** Tokens of prompts that are read together: enough for the GEMMs, little memory. */
  private static final int PREFILL_TOKENS = 2048;

  /** Sequences that grow at the same time; others wait, as the cache's memory is no small one. */
  private static final int MOST_RUNNING = 32;

  private final Gpt2LMHeadModel model;
  private final GenerationConfig config;
  private final GenerationListener listener;
  private final KeyValueCache cache;
  private final TokenSampler sampler;
  private final BitSet eos = new BitSet();
  private final List<Sequence> sequences = new ArrayList<>();

  /** A prompt and what has been added to it. */
  private final class Sequence {
    private final int number;
    private final long key;
    private final int promptLength;
    private final int[] tokens;
    private final BitSet seen = new BitSet();
    private int length;
    private boolean ended;

    Sequence(int number, int[] prompt) {
      this.number = number;
      this.key = CounterRandom.key(config.seed(), number);
      this.promptLength = prompt.length;
      int room = model.config().nPositions() - promptLength;
      this.tokens =
          Arrays.copyOf(prompt, promptLength + Math.min(config.newTokensAfter(promptLength), room));
      this.length = promptLength;
      Arrays.stream(prompt).forEach(seen::set);
    }

    void add(float[] logits) {
      int id = sampler.choose(logits, seen, key, length - promptLength);
      tokens[length++] = id;
      seen.set(id);
      boolean goOn = listener.token(number, id);
      ended = !goOn || eos.get(id) || length == tokens.length;
      if (ended) {
        cache.release(number);
      }
    }
  }

  Generation(
      Gpt2LMHeadModel model,
      List<int[]> prompts,
      GenerationConfig config,
      GenerationListener listener,
      KeyValueCache cache) {
    this.model = model;
    this.config = config;
    this.listener = listener;
    this.cache = cache;
    this.sampler = new TokenSampler(config, model.config().vocabSize());
    int[] ends = config.eosTokenId() == null ? model.config().eosTokenId() : config.eosTokenId();
    // Others cannot come, and a bit set grows to its largest member.
    Arrays.stream(ends).filter(id -> id < model.config().vocabSize()).forEach(eos::set);
    for (int i = 0; i < prompts.size(); i++) {
      sequences.add(new Sequence(i, checked(prompts.get(i), i)));
    }
  }

  private int[] checked(int[] prompt, int i) {
    int most = model.config().nPositions() - 1;
    if (prompt.length < 1 || prompt.length > most) {
      throw new IllegalArgumentException(
          String.format(
              "prompt %s: expected 1 to %s tokens, so that one more fits into n_positions, found %s",
              i + 1, most, prompt.length));
    }
    if (config.newTokensAfter(prompt.length) < 1) {
      throw new IllegalArgumentException(
          String.format(
              "prompt %s: expected fewer tokens than max_length %s, which counts them too, found %s",
              i + 1, config.maxLength(), prompt.length));
    }
    for (int id : prompt) {
      if (id < 0 || id >= model.config().vocabSize()) {
        throw new IllegalArgumentException(
            String.format(
                "prompt %s: expected token ids from 0 to %s, found %s",
                i + 1, model.config().vocabSize() - 1, id));
      }
    }
    return prompt;
  }

  /** The new tokens of each prompt. */
  List<int[]> run() {
    try {
      int started = 0;
      List<Sequence> running = new ArrayList<>();
      while (started < sequences.size() || !running.isEmpty()) {
        if (started < sequences.size() && running.size() < MOST_RUNNING) {
          List<Sequence> group = nextGroup(started, MOST_RUNNING - running.size());
          step(prompts(group), group);
          running.addAll(group);
          started += group.size();
        } else {
          step(nextTokens(running), running);
        }
        running.removeIf(s -> s.ended);
      }
      return sequences.stream()
          .map(s -> Arrays.copyOfRange(s.tokens, s.promptLength, s.length))
          .toList();
    } finally {
      cache.clear();
    }
  }

  /** At least one sequence, and as many more as fit. */
  private List<Sequence> nextGroup(int from, int most) {
    int to = from;
    int tokens = 0;
    do {
      tokens += sequences.get(to++).promptLength;
    } while (to < sequences.size()
        && to - from < most
        && tokens + sequences.get(to).promptLength <= PREFILL_TOKENS);
    return sequences.subList(from, to);
  }

  private static PackedBatch prompts(List<Sequence> group) {
    return PackedBatch.of(
        group.stream().map(s -> Arrays.copyOf(s.tokens, s.promptLength)).toList());
  }

  /** The last token of each sequence, at its place. */
  private static PackedBatch nextTokens(List<Sequence> running) {
    int[] ids = running.stream().mapToInt(s -> s.tokens[s.length - 1]).toArray();
    int[] positions = running.stream().mapToInt(s -> s.length - 1).toArray();
    return new PackedBatch(ids, positions, IntStream.rangeClosed(0, ids.length).toArray());
  }

  private void step(PackedBatch batch, List<Sequence> batchSequences) {
    int[] numbers = batchSequences.stream().mapToInt(s -> s.number).toArray();
    model.lastLogits(batch, cache, numbers, (s, logits) -> batchSequences.get(s).add(logits));
  }
}
