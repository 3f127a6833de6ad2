package org.gpt2j.tokenizer;

import java.util.Arrays;
import java.util.List;

/**
 * Finds strings in text: for each place the longest one that starts there. Goes through the text
 * once, from its end, by an automaton of the strings read backwards, so the time does not depend on
 * how many strings there are or how long they are. Immutable.
 *
 * <p>Source: Aho and Corasick 1975, "Efficient string matching: an aid to bibliographic search".
 */
final class TokenMatcher {
  /** Found where no string starts. */
  static final int NONE = -1;

  /** Character and node, as a pair, to the node that the character leads to; 0 is the root. */
  private final LongIntTable edges = new LongIntTable();

  private final List<String> patterns;

  /** Longest proper end of a node's path that is a path from the root, too. */
  private final int[] fallback;

  /** The longest pattern that a node's path ends in. */
  private final int[] longest;

  /** The characters that lead from the root: all others are passed over in one step. */
  private final long[] lastChars = new long[(Character.MAX_VALUE + 1) / Long.SIZE];

  private final IntList parents = new IntList(64);
  private final IntList depths = new IntList(64);
  private final StringBuilder chars = new StringBuilder();

  /**
   * @param patterns strings, none of them empty; of equal ones the first is found
   */
  TokenMatcher(List<String> patterns) {
    this.patterns = List.copyOf(patterns);
    addNode(0, '\0', 0);
    int[] ends = new int[patterns.size()];
    for (int i = 0; i < ends.length; i++) {
      ends[i] = addBackwards(patterns.get(i));
    }
    fallback = new int[parents.size()];
    longest = new int[parents.size()];
    Arrays.fill(longest, NONE);
    for (int i = ends.length - 1; i >= 0; i--) {
      longest[ends[i]] = i;
    }
    link();
  }

  private int addBackwards(String pattern) {
    int node = 0;
    for (int i = pattern.length() - 1; i >= 0; i--) {
      char c = pattern.charAt(i);
      int next = child(node, c);
      if (next == LongIntTable.NONE) {
        next = addNode(node, c, pattern.length() - i);
        edges.put(edge(node, c), next);
      }
      node = next;
    }
    char last = pattern.charAt(pattern.length() - 1);
    lastChars[last / Long.SIZE] |= 1L << last;
    return node;
  }

  private int addNode(int parent, char c, int depth) {
    parents.add(parent);
    depths.add(depth);
    chars.append(c);
    return parents.size() - 1;
  }

  /** Sets fallback and longest of every node, those near the root first. */
  private void link() {
    for (int node : byDepth()) {
      if (depths.get(node) > 1) {
        fallback[node] = step(fallback[parents.get(node)], chars.charAt(node));
      }
      if (longest[node] == NONE) {
        longest[node] = longest[fallback[node]];
      }
    }
  }

  /** All nodes, sorted by their depth by counting. */
  private int[] byDepth() {
    int deepest = 0;
    for (int node = 0; node < depths.size(); node++) {
      deepest = Math.max(deepest, depths.get(node));
    }
    int[] next = new int[deepest + 2];
    for (int node = 0; node < depths.size(); node++) {
      next[depths.get(node) + 1]++;
    }
    for (int depth = 0; depth <= deepest; depth++) {
      next[depth + 1] += next[depth];
    }
    int[] nodes = new int[depths.size()];
    for (int node = 0; node < nodes.length; node++) {
      nodes[next[depths.get(node)]++] = node;
    }
    return nodes;
  }

  private int child(int node, char c) {
    return edges.get(edge(node, c));
  }

  private static long edge(int node, char c) {
    return Pair.of(c, node);
  }

  /** The node of the longest path that the node's path and the character end in. */
  private int step(int node, char c) {
    int from = node;
    int next = child(from, c);
    while (next == LongIntTable.NONE && from != 0) {
      from = fallback[from];
      next = child(from, c);
    }
    return next == LongIntTable.NONE ? 0 : next;
  }

  /**
   * For each place of the text the index of the longest pattern that starts there, or {@link
   * #NONE}; null where no pattern is in the text.
   */
  int[] longestFrom(String text) {
    int[] found = null;
    int node = 0;
    for (int i = text.length() - 1; i >= 0; i--) {
      char c = text.charAt(i);
      if (node == 0 && (lastChars[c / Long.SIZE] >>> c & 1) == 0) {
        continue;
      }
      node = step(node, c);
      if (longest[node] != NONE) {
        if (found == null) {
          found = new int[text.length()];
          Arrays.fill(found, NONE);
        }
        found[i] = longest[node];
      }
    }
    return found;
  }

  int length(int pattern) {
    return patterns.get(pattern).length();
  }
}
