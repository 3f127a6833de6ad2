package org.gpt2j.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gpt2j.model.ProblemType;
import org.gpt2j.training.Classification;
import org.gpt2j.training.EncodedText;
import org.gpt2j.training.TextClassifier;

/**
 * Which words drove an answer, by leaving each of them out of parts of the text: a word's weight is
 * by how much it raises the log odds of the text's label, log(p/(1-p)) in nats, in the mean over
 * some random halves of the text, with the word and without it. (An estimate of the Banzhaf value,
 * Banzhaf 1965; of the whole text alone most words could be left out unnoticed, as the others say
 * the same.) Halves come in pairs that make up the text, so that each word stands with as many as
 * without. Of a regression the weight is by how much the word raises the value.
 */
final class Explanation {
  private static final int PAIRS = 2;

  private final String text;
  private final TextClassifier classifier;
  private final List<String> labels;
  private final List<TextPart> parts;
  private final List<BitSet> halves;
  private final List<EncodedText> variants = new ArrayList<>();

  /** Indices into the variants, -1 where nothing is left of the text. */
  private final Map<BitSet, Integer> variantOf = new HashMap<>();

  Explanation(String text, TextClassifier classifier, List<String> labels) {
    this.text = text;
    this.classifier = classifier;
    this.labels = labels;
    this.parts = TextPart.of(text, Limits.EXPLAINED_PARTS);
    this.halves = halves(parts.size());
    for (BitSet half : halves) {
      for (int part = 0; part < parts.size(); part++) {
        add(with(half, part, true));
        add(with(half, part, false));
      }
    }
  }

  /** The random halves of so many parts, always the same: each followed by the other half. */
  static List<BitSet> halves(int size) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
    Random random = new Random(size);
    List<BitSet> halves = new ArrayList<>();
    for (int pair = 0; pair < PAIRS; pair++) {
      Collections.shuffle(order, random);
      BitSet half = new BitSet();
      order.subList(0, size / 2).forEach(half::set);
      BitSet other = (BitSet) half.clone();
      other.flip(0, size);
      halves.add(half);
      halves.add(other);
    }
    return halves;
  }

  private static BitSet with(BitSet half, int part, boolean there) {
    BitSet set = (BitSet) half.clone();
    set.set(part, there);
    return set;
  }

  private void add(BitSet kept) {
    if (!variantOf.containsKey(kept)) {
      String words = kept.stream().mapToObj(this::word).collect(Collectors.joining(" "));
      Optional<EncodedText> variant = classifier.encode(words);
      variantOf.put(kept, variant.isPresent() ? variants.size() : -1);
      variant.ifPresent(variants::add);
    }
  }

  private String word(int part) {
    return text.substring(parts.get(part).start(), parts.get(part).end());
  }

  /** How many variants of a text there are at most. */
  static int mostVariants(String text) {
    int parts = Math.min(Limits.EXPLAINED_PARTS, (text.length() + 1) / 2);
    return parts * 2 * PAIRS * 2; // with and without, in each half
  }

  /** Parts of the text, to be classified. */
  List<EncodedText> variants() {
    return variants;
  }

  /**
   * The parts with their weights, [{word, start, end, weight}].
   *
   * @param whole what is said of the whole text
   * @param results what is said of the variants
   */
  ArrayNode toJson(Classification whole, List<Classification> results) {
    int label = labels.indexOf(whole.label());
    double nothing = ofNothing(whole, label);
    Map<BitSet, Double> odds = new HashMap<>();
    variantOf.forEach((set, i) -> odds.put(set, i < 0 ? nothing : odds(results.get(i), label)));
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < parts.size(); i++) {
      double sum = 0;
      for (BitSet half : halves) {
        sum += odds.get(with(half, i, true)) - odds.get(with(half, i, false));
      }
      array
          .addObject()
          .put("word", word(i))
          .put("start", parts.get(i).start())
          .put("end", parts.get(i).end())
          .put("weight", sum / halves.size());
    }
    return array;
  }

  /** Of nothing at all each class is as likely as the others, and the value that of the text. */
  private static double ofNothing(Classification whole, int label) {
    return switch (whole.problemType()) {
      case SINGLE_LABEL_CLASSIFICATION -> -Math.log(whole.logits().length - 1.0);
      case MULTI_LABEL_CLASSIFICATION -> 0;
      case REGRESSION -> whole.logits()[label];
    };
  }

  /** The log odds of a class, which a sigmoid's logit is itself; of a regression the value. */
  private double odds(Classification c, int label) {
    return c.problemType() == ProblemType.SINGLE_LABEL_CLASSIFICATION
        ? logOdds(classifier.calibration().apply(c.logits()), label)
        : c.logits()[label];
  }

  /** log(p/(1-p)) of a class: its logit minus the logarithm of the others' summed exponentials. */
  static double logOdds(float[] logits, int label) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < logits.length; i++) {
      max = i == label ? max : Math.max(max, logits[i]);
    }
    double others = 0;
    for (int i = 0; i < logits.length; i++) {
      others += i == label ? 0 : Math.exp(logits[i] - max);
    }
    return logits[label] - max - Math.log(others);
  }
}
