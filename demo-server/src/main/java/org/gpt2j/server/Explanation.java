package org.gpt2j.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gpt2j.training.Classification;
import org.gpt2j.training.EncodedText;
import org.gpt2j.training.TextClassifier;

/**
 * Which words drove an answer, by leaving each of them out: a word's weight is by how much the log
 * odds of the text's label fall without it, log(p/(1-p)) in nats. Probabilities would show nothing
 * where the model is sure.
 */
final class Explanation {
  private final String text;
  private final List<String> labels;
  private final List<TextPart> parts;
  private final List<EncodedText> variants = new ArrayList<>();

  /** Indices into the variants, -1 where nothing is left of the text. */
  private final List<Integer> variantOfPart = new ArrayList<>();

  Explanation(String text, TextClassifier classifier, List<String> labels) {
    this.text = text;
    this.labels = labels;
    this.parts = TextPart.of(text, Limits.EXPLAINED_PARTS);
    for (TextPart part : parts) {
      Optional<EncodedText> variant = classifier.encode(part.leftOut(text));
      variantOfPart.add(variant.isPresent() ? variants.size() : -1);
      variant.ifPresent(variants::add);
    }
  }

  /** The texts without each part, to be classified. */
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
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < parts.size(); i++) {
      TextPart part = parts.get(i);
      int variant = variantOfPart.get(i);
      // Of nothing at all each class is as likely as the others.
      double without =
          variant < 0
              ? -Math.log(whole.logits().length - 1.0)
              : logOdds(results.get(variant).logits(), label);
      array
          .addObject()
          .put("word", text.substring(part.start(), part.end()))
          .put("start", part.start())
          .put("end", part.end())
          .put("weight", logOdds(whole.logits(), label) - without);
    }
    return array;
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
