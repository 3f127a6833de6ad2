package org.gpt2j.benchmarks.compare;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.gpt2j.model.WeightType;
import org.gpt2j.training.Classification;
import org.gpt2j.training.TextClassifier;

/** From text to label: an item a message, or all messages one item. */
final class ClassifyJob implements Job {
  private final TextClassifier classifier;
  private final List<String> texts;
  private final boolean together;

  ClassifyJob(Inputs inputs, String name, boolean together, boolean int8) throws IOException {
    classifier = TextClassifier.load(inputs.model(), null, int8 ? WeightType.INT8 : WeightType.F32);
    texts = inputs.texts(name);
    this.together = together;
  }

  @Override
  public int items() {
    return together ? 1 : texts.size();
  }

  @Override
  public void run(int item) {
    if (together) {
      classifier.classify(texts);
    } else {
      classifier.classify(texts.get(item));
    }
  }

  /** The logits of the first messages, one after the other. */
  @Override
  public double[] check() {
    List<Classification> results = classifier.classify(texts.subList(0, 8));
    return results.stream()
        .flatMapToDouble(c -> IntStream.range(0, c.logits().length).mapToDouble(i -> c.logits()[i]))
        .toArray();
  }
}
