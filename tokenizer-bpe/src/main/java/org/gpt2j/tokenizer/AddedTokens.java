package org.gpt2j.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Cuts text at added tokens and normalizes what is between them, as tokenizers' added_vocabulary.rs
 * does: leftmost match, the longest of several; tokens with {@code normalized = false} in the text
 * as it came, then the others, themselves normalized, in what is left, normalized.
 */
final class AddedTokens {
  /** A stretch of the text: ordinary where {@code token} is null, else exactly that token. */
  record Segment(String text, AddedToken token) {}

  /** The tokens that are looked for together. */
  private record Pass(List<AddedToken> tokens, TokenMatcher matcher, boolean onlySpecial) {
    static Pass of(List<AddedToken> tokens, UnaryOperator<String> normalize) {
      // Of two tokens that are one string when normalized, the special one is found.
      List<AddedToken> sorted =
          tokens.stream().sorted(Comparator.comparing(token -> !token.special())).toList();
      return new Pass(
          sorted,
          new TokenMatcher(sorted.stream().map(AddedToken::content).map(normalize).toList()),
          sorted.stream().allMatch(AddedToken::special));
    }
  }

  private final List<AddedToken> all;
  private final BitSet specialIds = new BitSet();
  private final Pass before;
  private final Normalization normalization;
  private final Pass after;

  AddedTokens(List<AddedToken> all, Normalization normalization) {
    // As tokenizers writes them: read in another order, new ones would get other ids.
    this.all = all.stream().sorted(Comparator.comparingInt(AddedToken::id)).toList();
    this.normalization = normalization;
    all.stream().filter(AddedToken::special).forEach(token -> specialIds.set(token.id()));
    this.before =
        Pass.of(all.stream().filter(t -> !t.normalized()).toList(), UnaryOperator.identity());
    this.after =
        Pass.of(all.stream().filter(AddedToken::normalized).toList(), normalization::apply);
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
    List<Segment> raw = new ArrayList<>();
    split(text, before, mode, raw);
    if (normalization.forms().isEmpty() && isIdle(after, mode)) {
      return raw;
    }
    List<Segment> segments = new ArrayList<>();
    for (Segment segment : raw) {
      if (segment.token() == null) {
        split(normalization.apply(segment.text()), after, mode, segments);
      } else {
        segments.add(segment);
      }
    }
    return segments;
  }

  /** Whether a pass finds nothing: a special token that stays text divides nothing. */
  private static boolean isIdle(Pass pass, SpecialTokens mode) {
    return mode == SpecialTokens.AS_TEXT && pass.onlySpecial() || pass.tokens().isEmpty();
  }

  private static void split(String text, Pass pass, SpecialTokens mode, List<Segment> out) {
    int[] found = isIdle(pass, mode) ? null : pass.matcher().longestFrom(text);
    if (found == null) {
      addOrdinary(text, 0, text.length(), out);
      return;
    }
    int ordinary = 0;
    int spaceEnd = 0; // where the white space ends that was looked at last
    int next;
    for (int at = 0; at < text.length(); at = next) {
      next = at + 1;
      if (found[at] == TokenMatcher.NONE) {
        continue;
      }
      // A match that does not count is still passed over as a whole, as tokenizers does.
      next = at + pass.matcher().length(found[at]);
      AddedToken token = pass.tokens().get(found[at]);
      if (mode == SpecialTokens.AS_TEXT && token.special()
          || token.singleWord() && TextEdges.isInWord(text, at, next)) {
        continue;
      }
      int start =
          token.lstrip() ? Math.max(TextEdges.spaceStart(text, at, ordinary), ordinary) : at;
      int end = next;
      if (token.rstrip()) {
        spaceEnd = spaceEnd > next ? spaceEnd : TextEdges.spaceEnd(text, next);
        end = spaceEnd;
      }
      if (start < end) { // else the token before has taken this one as its white space
        addOrdinary(text, ordinary, start, out);
        out.add(new Segment(token.content(), token));
        ordinary = end;
      }
    }
    addOrdinary(text, ordinary, text.length(), out);
  }

  private static void addOrdinary(String text, int from, int to, List<Segment> out) {
    if (from < to) {
      out.add(new Segment(text.substring(from, to), null));
    }
  }
}
