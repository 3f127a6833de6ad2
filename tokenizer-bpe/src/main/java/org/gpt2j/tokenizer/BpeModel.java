package org.gpt2j.tokenizer;

import java.util.HashMap;
import java.util.Map;

/**
 * The byte-level BPE model: a vocabulary and an ordered list of merges. Immutable but for a cache,
 * so safe to use from several threads.
 *
 * <p>A piece of text starts as one token per byte; then, again and again, the neighbouring pair
 * that comes first in the merges list (the leftmost such pair on a tie) becomes one token, until no
 * pair is in the list. Source: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with
 * Subword Units", and tokenizers' models/bpe/word.rs.
 */
final class BpeModel {
  private static final int UNCHECKED = PieceIds.NONE - 1;

  private final Map<String, Integer> vocab;
  private final long[] merges;
  private final boolean ignoreMerges;
  private final Map<Integer, String> tokens = new HashMap<>();

  /** Token id of each single byte. */
  private final int[] byteIds = new int[256];

  /** Place of a pair in the merges list. */
  private final LongIntTable ranks = new LongIntTable();

  /** Token id that the merge of a rank makes. */
  private final int[] mergedIds;

  /**
   * Id of each piece that is one whole token, or {@code UNCHECKED - id} of a token that no piece
   * was looked up for yet.
   */
  private final PieceIds wholePieces = new PieceIds();

  private final PieceCache cache = new PieceCache();

  /**
   * @param vocab token string to id
   * @param merges pairs of ids ({@link Pair#of}) in order; of equal pairs the last counts
   * @param ignoreMerges true where a piece that is in the vocabulary is one token, whatever the
   *     merges say
   * @throws IllegalArgumentException where one of the 256 bytes has no token or a merge makes a
   *     string that has none
   */
  BpeModel(Map<String, Integer> vocab, long[] merges, boolean ignoreMerges) {
    this.vocab = vocab;
    this.merges = merges;
    this.ignoreMerges = ignoreMerges;
    this.mergedIds = new int[merges.length];
    for (int b = 0; b < 256; b++) {
      String token = String.valueOf(ByteLevel.charOf(b));
      Integer id = vocab.get(token);
      if (id == null) {
        throw new IllegalArgumentException(
            String.format(
                "a byte-level vocabulary must hold all 256 byte tokens, but \"%s\" (byte 0x%02X) is"
                    + " missing",
                token, b));
      }
      byteIds[b] = id;
    }
    vocab.forEach((token, id) -> tokens.put(id, token));
    putMerges();
    putWholePieces();
  }

  private void putMerges() {
    for (int rank = 0; rank < merges.length; rank++) {
      String left = tokens.get(Pair.left(merges[rank]));
      String right = tokens.get(Pair.right(merges[rank]));
      Integer merged = vocab.get(left.concat(right));
      if (merged == null) {
        throw new IllegalArgumentException(
            String.format(
                "merge %s (\"%s\" + \"%s\") makes \"%s%s\", which is not in the vocabulary",
                rank, Json.shown(left), Json.shown(right), Json.shown(left), Json.shown(right)));
      }
      mergedIds[rank] = merged;
      ranks.put(merges[rank], rank);
    }
  }

  /** Looking up whole pieces is what makes encoding fast. */
  private void putWholePieces() {
    for (Map.Entry<String, Integer> entry : vocab.entrySet()) {
      if (!entry.getKey().isEmpty() && ByteLevel.isByteLevel(entry.getKey())) {
        int id = entry.getValue();
        wholePieces.put(ByteLevel.toBytes(entry.getKey()), ignoreMerges ? id : UNCHECKED - id);
      }
    }
  }

  /**
   * A token that the merges do not reach (a special token, say) must not be found as a whole piece.
   * Each is checked when a text has it for the first time: to check all of them would take longer
   * than a short text does. Threads that check the same one write the same.
   */
  private int checked(byte[] text, int from, int to, int id) {
    boolean whole = newMerger().mergesTo(text, from, to, id);
    int found = whole ? id : PieceIds.NONE;
    wholePieces.replace(text, from, to, found);
    return found;
  }

  /** Appends the token ids of a text, given as valid UTF-8. */
  void encode(byte[] text, IntList ids) {
    BpeMerger merger = null;
    int start = 0;
    while (start < text.length) {
      int end = Gpt2Splitter.pieceEnd(text, start);
      int id = wholePieces.get(text, start, end);
      if (id <= UNCHECKED) {
        id = checked(text, start, end, UNCHECKED - id);
      }
      if (id != PieceIds.NONE) {
        ids.add(id);
      } else if (!cache.get(text, start, end, ids)) {
        if (merger == null) {
          merger = newMerger();
        }
        int before = ids.size();
        merger.merge(text, start, end, ids);
        cache.put(text, start, end, ids, before);
      }
      start = end;
    }
  }

  private BpeMerger newMerger() {
    return new BpeMerger(byteIds, ranks, mergedIds);
  }

  Map<String, Integer> vocab() {
    return vocab;
  }

  /** Pairs of ids, see {@link Pair#of}; not to be changed. */
  long[] merges() {
    return merges;
  }

  /** A merge in its "left right" form. */
  String mergeText(long merge) {
    return tokens.get(Pair.left(merge)) + " " + tokens.get(Pair.right(merge));
  }

  boolean ignoreMerges() {
    return ignoreMerges;
  }
}
