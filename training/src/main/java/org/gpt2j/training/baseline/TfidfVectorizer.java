package org.gpt2j.training.baseline;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Weights of n-grams as scikit-learn's {@code TfidfVectorizer(sublinear_tf=True)} computes them: (1
 * + ln tf) (ln((1 + n) / (1 + df)) + 1) with n texts, of which df have the n-gram, tf times in this
 * one; each vector is then scaled to length 1.
 */
final class TfidfVectorizer {
  private record Term(int index, double idf) {}

  private final NGrams ngrams;
  private final Map<String, Term> vocabulary = new HashMap<>();

  /** Learns the n-grams of the texts and how many of them have each. */
  TfidfVectorizer(NGrams ngrams, List<String> texts) {
    this.ngrams = ngrams;
    Map<String, Integer> documents = new TreeMap<>();
    for (String text : texts) {
      ngrams.of(text).distinct().forEach(term -> documents.merge(term, 1, Integer::sum));
    }
    documents.forEach(
        (term, df) -> {
          double idf = Math.log((1.0 + texts.size()) / (1 + df)) + 1;
          vocabulary.put(term, new Term(vocabulary.size(), idf));
        });
  }

  /** How many n-grams are known; indices are below. */
  int size() {
    return vocabulary.size();
  }

  /** The weights of the known n-grams of a text by ascending index; empty if it has none. */
  TreeMap<Integer, Double> transform(String text) {
    Map<Term, Integer> counts = new HashMap<>();
    ngrams
        .of(text)
        .map(vocabulary::get)
        .filter(term -> term != null)
        .forEach(term -> counts.merge(term, 1, Integer::sum));
    TreeMap<Integer, Double> weights = new TreeMap<>();
    counts.forEach((term, tf) -> weights.put(term.index(), (1 + Math.log(tf)) * term.idf()));
    // In the order of the indices: the sum is the same on every machine.
    double norm = Math.sqrt(weights.values().stream().mapToDouble(w -> w * w).sum());
    weights.replaceAll((index, weight) -> weight / norm);
    return weights;
  }
}
