package org.gpt2j.training.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gpt2j.training.data.DataSplit;
import org.gpt2j.training.data.Fixtures;
import org.gpt2j.training.data.LabelNames;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.SmsSpamCollection;
import org.junit.jupiter.api.Test;

class BaselineTest {
  private static final List<String> HAM_SPAM = SmsSpamCollection.ID2LABEL;

  private static List<LabeledText> sample() throws IOException {
    return SmsSpamCollection.read(Path.of("../dataset/sample-sms.tsv"), false);
  }

  private static double accuracy(Baseline baseline, List<LabeledText> test, List<String> labels) {
    long right =
        test.stream().filter(m -> labels.get(baseline.predict(m.text())).equals(m.label())).count();
    return (double) right / test.size();
  }

  /** Trains on all but every fourth message, as make_baseline.py does. */
  private static void assertAsScikitLearn(List<LabeledText> messages, String name)
      throws IOException {
    List<LabeledText> train = new ArrayList<>(messages);
    train.removeIf(message -> messages.indexOf(message) % 4 == 0);
    List<String> labels = LabelNames.of(messages);
    NGramBaseline baseline = NGramBaseline.train(train, labels);
    JsonNode golden;
    try (InputStream json =
        BaselineTest.class.getResourceAsStream("/fixtures/baseline/ngram.json")) {
      golden = new ObjectMapper().readTree(json);
    }
    assertThat(golden.get(name)).hasSize(40);
    for (int i = 0; i < 40; i++) {
      String text = golden.get("texts").get(i).asText();
      double[] probabilities = baseline.probabilities(text);
      assertThat(probabilities).hasSize(labels.size());
      for (int label = 0; label < labels.size(); label++) {
        assertThat(probabilities[label])
            .as(text)
            .isCloseTo(golden.get(name).get(i).get(label).asDouble(), within(1e-4));
      }
    }
  }

  @Test
  void twoClassesHaveTheProbabilitiesOfScikitLearn() throws IOException {
    assertAsScikitLearn(sample(), "two");
  }

  @Test
  void threeClassesHaveTheProbabilitiesOfScikitLearn() throws IOException {
    List<LabeledText> three =
        sample().stream()
            .map(
                m ->
                    m.label().equals("spam") && m.text().contains(".example")
                        ? new LabeledText("link", m.text())
                        : m)
            .toList();
    assertAsScikitLearn(three, "three");
  }

  @Test
  void tellsHeldOutSampleMessagesApart() throws IOException {
    DataSplit split = DataSplit.balanced(sample(), 123, false);
    NGramBaseline baseline = NGramBaseline.train(split.train(), HAM_SPAM);
    assertThat(accuracy(baseline, split.test(), HAM_SPAM)).isGreaterThan(0.85);
    NGramBaseline again = NGramBaseline.train(split.train(), HAM_SPAM);
    String text = split.test().get(0).text();
    assertThat(again.probabilities(text)).isEqualTo(baseline.probabilities(text));
  }

  @Test
  void tellsRealMessagesApart() throws IOException {
    List<LabeledText> all = SmsSpamCollection.read(Fixtures.uciCollection(), false);
    for (boolean grouped : new boolean[] {false, true}) {
      DataSplit split = DataSplit.balanced(all, 123, grouped);
      long start = System.nanoTime();
      double ngrams =
          accuracy(NGramBaseline.train(split.train(), HAM_SPAM), split.test(), HAM_SPAM);
      double ham = accuracy(new ConstantBaseline(2, 0), split.test(), HAM_SPAM);
      System.out.printf(
          "n-grams on the test part, duplicates grouped %b: %.4f, always ham %.4f, %d ms%n",
          grouped, ngrams, ham, (System.nanoTime() - start) / 1_000_000);
      assertThat(ngrams).isGreaterThan(0.95);
      assertThat(ham).isBetween(0.4, 0.6);
    }
  }

  @Test
  void knowsClassesInTheOrderOfTheLabels() {
    List<LabeledText> train =
        List.of(new LabeledText("c", "cherry cake"), new LabeledText("a", "apple pie"));
    NGramBaseline baseline = NGramBaseline.train(train, List.of("a", "b", "c"));
    assertThat(baseline.predict("cherry")).isEqualTo(2);
    assertThat(baseline.predict("apple")).isZero();
    assertThat(baseline.probabilities("apple")[1]).isZero();
  }

  @Test
  void refusesUnknownLabelsAndOneClass() {
    List<LabeledText> train = List.of(new LabeledText("c", "x"), new LabeledText("c", "y"));
    assertThatThrownBy(() -> NGramBaseline.train(train, List.of("a", "b")))
        .hasMessage("train: expected labels of [a, b], found 'c'");
    assertThatThrownBy(() -> NGramBaseline.train(train, List.of("a", "c")))
        .hasMessage("train: expected messages of at least 2 classes of [a, c], found fewer");
  }

  @Test
  void constantSaysOneClass() {
    Baseline constant = new ConstantBaseline(3, 1);
    assertThat(constant.probabilities("anything")).containsExactly(0, 1, 0);
    assertThat(constant.predict("")).isEqualTo(1);
    assertThatThrownBy(() -> new ConstantBaseline(2, 2))
        .hasMessage("label: expected a class from 0 to 1, found 2");
  }
}
