package org.gpt2j.tokenizer;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Gathers the merges of a file, checking each against the vocabulary. */
final class MergeList {
  private final Path file;
  private final Map<String, Integer> vocab;
  private long[] merges = new long[1024];
  private int size;

  MergeList(Path file, Map<String, Integer> vocab) {
    this.file = file;
    this.vocab = vocab;
  }

  /** Adds a merge in its "left right" form. */
  void add(String merge) throws TokenizerFormatException {
    int space = merge.indexOf(' ');
    if (space <= 0 || space != merge.lastIndexOf(' ') || space == merge.length() - 1) {
      throw new TokenizerFormatException(
          String.format(
              "%s: merge %s: expected two tokens with one space between, found \"%s\"",
              file, size, Json.shown(merge)));
    }
    add(merge.substring(0, space), merge.substring(space + 1));
  }

  void add(String left, String right) throws TokenizerFormatException {
    if (size == merges.length) {
      merges = Arrays.copyOf(merges, size * 2);
    }
    merges[size] = Pair.of(id(left), id(right));
    size++;
  }

  private int id(String token) throws TokenizerFormatException {
    Integer id = vocab.get(token);
    if (id == null) {
      throw new TokenizerFormatException(
          String.format(
              "%s: merge %s names \"%s\", which is not in the vocabulary",
              file, size, Json.shown(token)));
    }
    return id;
  }

  BpeModel toModel(boolean ignoreMerges) throws TokenizerFormatException {
    try {
      return new BpeModel(vocab, Arrays.copyOf(merges, size), ignoreMerges);
    } catch (IllegalArgumentException e) {
      throw new TokenizerFormatException(file + ": " + e.getMessage(), e);
    }
  }
}
