package org.gpt2j.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * Cuts text at added tokens, as tokenizers' added_vocabulary.rs does: leftmost match, the longest
 * of several; those with {@code normalized = false} first, then the others in what is left.
 */
final class AddedTokens {
  /** A stretch of the text: ordinary where {@code token} is null, else exactly that token. */
  record Segment(String text, AddedToken token) {}

  private final List<AddedToken> all;

  private final BitSet specialIds = new BitSet();

  /** The tokens of the first and of the second pass; a pass without tokens is left out. */
  private final List<List<AddedToken>> passes;

  /** The passes in which a token that is not special is looked for. */
  private final List<List<AddedToken>> passesAsText;

  AddedTokens(List<AddedToken> all) {
    this.all = List.copyOf(all);
    all.stream().filter(AddedToken::special).forEach(token -> specialIds.set(token.id()));
    this.passes =
        Stream.of(false, true)
            .map(normalized -> all.stream().filter(t -> t.normalized() == normalized).toList())
            .filter(pass -> !pass.isEmpty())
            .toList();
    this.passesAsText =
        passes.stream().filter(pass -> !pass.stream().allMatch(AddedToken::special)).toList();
  }

  List<AddedToken> all() {
    return all;
  }

  /** These tokens and one more, unless its string is among them as a special token already. */
  List<AddedToken> with(AddedToken token) {
    List<AddedToken> result = new ArrayList<>(all);
    if (result.removeIf(t -> t.content().equals(token.content()) && !t.special())
        || result.stream().noneMatch(t -> t.content().equals(token.content()))) {
      result.add(token);
    }
    return result;
  }

  boolean isSpecial(int id) {
    return id >= 0 && specialIds.get(id);
  }

  /** The stretches of the text in order, none of them empty. */
  List<Segment> split(String text, SpecialTokens mode) {
    List<Segment> segments = text.isEmpty() ? List.of() : List.of(new Segment(text, null));
    for (List<AddedToken> tokens : mode == SpecialTokens.ALLOWED ? passes : passesAsText) {
      List<Segment> result = new ArrayList<>();
      for (Segment segment : segments) {
        if (segment.token() == null) {
          split(segment.text(), tokens, mode, result);
        } else {
          result.add(segment);
        }
      }
      segments = result;
    }
    return segments;
  }

  private static void split(
      String text, List<AddedToken> tokens, SpecialTokens mode, List<Segment> out) {
    int[] nextMatch = new int[tokens.size()]; // first match of each token at or after `at`
    for (int i = 0; i < nextMatch.length; i++) {
      nextMatch[i] = text.indexOf(tokens.get(i).content());
    }
    int ordinary = 0;
    int at = 0;
    while (true) {
      int best = -1;
      for (int i = 0; i < nextMatch.length; i++) {
        if (nextMatch[i] >= 0 && nextMatch[i] < at) {
          nextMatch[i] = text.indexOf(tokens.get(i).content(), at);
        }
        if (nextMatch[i] >= 0 && (best < 0 || isBetter(i, best, nextMatch, tokens))) {
          best = i;
        }
      }
      if (best < 0) {
        break;
      }
      AddedToken token = tokens.get(best);
      int start = nextMatch[best];
      at = start + token.content().length();
      // A special token that stays text is still passed over as a whole, as tokenizers does.
      if (mode == SpecialTokens.ALLOWED || !token.special()) {
        addOrdinary(text, ordinary, start, out);
        out.add(new Segment(token.content(), token));
        ordinary = at;
      }
    }
    addOrdinary(text, ordinary, text.length(), out);
  }

  private static boolean isBetter(int i, int best, int[] nextMatch, List<AddedToken> tokens) {
    if (nextMatch[i] != nextMatch[best]) {
      return nextMatch[i] < nextMatch[best];
    }
    return tokens.get(i).content().length() > tokens.get(best).content().length();
  }

  private static void addOrdinary(String text, int from, int to, List<Segment> out) {
    if (from < to) {
      out.add(new Segment(text.substring(from, to), null));
    }
  }
}
