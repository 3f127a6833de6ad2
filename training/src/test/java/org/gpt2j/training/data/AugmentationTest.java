package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  private static final LabeledText MESSAGE =
      new LabeledText("spam", "Pay £24.99 at Post.example/x9 or ring 07700 900123.");

  private static List<String> texts(LabeledText message, long seed) {
    return Augmentation.versions(Collections.nCopies(500, message), 2, seed).stream()
        .map(LabeledText::text)
        .toList();
  }

  private static double part(List<String> texts, Predicate<String> has) {
    return texts.stream().filter(has).count() / (double) texts.size();
  }

  @Test
  void whatSaysNothingOfTheLabelVaries() {
    List<String> texts = texts(MESSAGE, 1);
    assertThat(texts).noneMatch(text -> text.contains(".example"));
    assertThat(texts.stream().map(text -> text.replaceAll("(?s).*(?i)post(\\.[a-z.]+)/x9.*", "$1")))
        .contains(".com", ".co.uk", ".co.ke")
        .allMatch(ending -> ending.matches("\\.[a-z.]{2,7}"));
    assertThat(part(texts, text -> text.contains("24.99"))).isCloseTo(.505, within(.05));
    assertThat(part(texts, text -> text.endsWith("."))).isCloseTo(.7, within(.05));
    assertThat(part(texts, text -> text.equals(text.toLowerCase(Locale.ROOT))))
        .isCloseTo(.1, within(.04));
    assertThat(texts)
        .as("first digits, and all that is no digit, stay")
        .allMatch(
            text ->
                text.toLowerCase(Locale.ROOT)
                    .matches("pay £2\\d\\.9\\d at post\\.[a-z.]+/x9 or ring 0\\d{4} 9\\d{5}\\.?"));
  }

  @Test
  void theSeedThePlaceAndTheVersionDecide() {
    assertThat(texts(MESSAGE, 1)).isEqualTo(texts(MESSAGE, 1)).isNotEqualTo(texts(MESSAGE, 2));
    List<String> texts = texts(MESSAGE, 1);
    assertThat(texts.subList(0, 500)).isNotEqualTo(texts.subList(500, 1000));
    List<LabeledText> two = List.of(new LabeledText("ham", "ok 12"), MESSAGE);
    List<LabeledText> versions = Augmentation.versions(two, 3, 7);
    assertThat(versions)
        .extracting(LabeledText::label)
        .containsExactly("ham", "spam", "ham", "spam", "ham", "spam");
  }

  @Test
  void nothingBecomesEmpty() {
    assertThat(texts(new LabeledText("ham", "."), 1)).containsOnly(".");
    assertThat(texts(new LabeledText("ham", "k"), 1)).contains("k", "k.").hasSize(1000);
    assertThat(texts(new LabeledText("ham", "ok 👍"), 1)).containsOnly("ok 👍");
  }

  @Test
  void noVersionIsRefused() {
    assertThatThrownBy(() -> Augmentation.versions(List.of(MESSAGE), 0, 1))
        .hasMessage("augment: expected at least 1 version, found 0");
  }
}
