package org.gpt2j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.List;
import org.junit.jupiter.api.Test;

class NormalizationTest {
  @Test
  void formsAreAppliedInOrder() {
    assertThat(Normalization.NONE.apply("e\u0301")).isEqualTo("e\u0301");
    Normalization both = new Normalization(List.of(Normalizer.Form.NFKD, Normalizer.Form.NFC));
    assertThat(both.apply("\uFB01 e\u0301 \u212B")).isEqualTo("fi \u00e9 \u00c5");
  }

  /** Only marks are moved past each other, so runs of them are what takes time. */
  @Test
  void knowsEveryCodePointThatBecomesAMark() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (Character.getType(c) == Character.SURROGATE) {
        continue;
      }
      String decomposed = Normalizer.normalize(Character.toString(c), Normalizer.Form.NFKD);
      if (decomposed.codePoints().allMatch(Normalization::isMark)) {
        assertThat(Normalization.isMark(c)).as("U+%04X", c).isTrue();
      }
    }
  }

  @Test
  void runsOfMarksThatWritingHasAreOrderedAsTheStandardSays() {
    String marks = "\u0301\u0316".repeat(60);
    for (Normalizer.Form form : Normalizer.Form.values()) {
      assertThat(new Normalization(List.of(form)).apply("x" + marks + "y" + marks))
          .isEqualTo(Normalizer.normalize("x" + marks + "y" + marks, form));
    }
  }

  /** The JDK alone takes minutes for these. */
  @Test
  void aMegabyteOfMarksTakesAMoment() {
    for (String unit : List.of("\u0301\u0316", "\uFF9E\u0334")) {
      String text = unit.repeat(1 << 19);
      for (Normalizer.Form form : Normalizer.Form.values()) {
        assertThat(new Normalization(List.of(form)).apply(text)).hasSize(text.length());
      }
    }
  }
}
