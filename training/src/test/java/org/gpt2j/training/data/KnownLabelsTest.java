package org.gpt2j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.model.ProblemType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownLabelsTest {
  @TempDir Path directory;
  private final StringWriter notes = new StringWriter();

  private Path table(String... labels) throws IOException {
    StringBuilder table = new StringBuilder("label,text\n");
    for (String label : labels) {
      table.append('"').append(label).append("\",a text\n");
    }
    return Files.writeString(directory.resolve("x.csv"), table);
  }

  private List<String> labels(Path file, KnownLabels known, int maxBadRows) throws IOException {
    return new TextTable(null, null, maxBadRows)
        .read(file, known, new PrintWriter(notes)).stream().map(LabeledText::label).toList();
  }

  @Test
  void caseAndSpaceMakeNoOtherClass() throws IOException {
    Path file = table("Spam", "spam", " spam ", "Smishing", "smishing", "ham\u00A0", "ham");
    assertThat(labels(file, KnownLabels.any(), 0))
        .containsExactly("spam", "spam", "spam", "Smishing", "Smishing", "ham", "ham");
    assertThat(labels(table("ham\u3000", "\u2009ham", "\u200Bham\t"), KnownLabels.any(), 0))
        .containsOnly("ham");
    assertThat(notes.toString().lines())
        .containsExactly(
            file + ": labels read as others: 'Spam' as 'spam', 'smishing' as 'Smishing'");
  }

  @Test
  void labelsOfAModelAreMatchedTheSameWay() throws IOException {
    KnownLabels model = KnownLabels.of(List.of("Safe Email", "Phishing Email"), "the model");
    assertThat(labels(table("safe email", "PHISHING EMAIL ", "1", "0.0"), model, 0))
        .containsExactly("Safe Email", "Phishing Email", "Phishing Email", "Safe Email");
  }

  @Test
  void eachOfSeveralNamesIsMatchedAlone() throws IOException {
    KnownLabels any = KnownLabels.any(ProblemType.MULTI_LABEL_CLASSIFICATION);
    Path file = table("insult|threat", "Threat | insult", "threat", "", " | ", "threat|threat");
    assertThat(labels(file, any, 0))
        .containsExactly("insult|threat", "threat|insult", "threat", "|", "|", "threat");
    KnownLabels model =
        KnownLabels.of(
            List.of("insult", "threat"), "the model", ProblemType.MULTI_LABEL_CLASSIFICATION);
    assertThat(labels(table("INSULT|1", "0", ""), model, 0))
        .containsExactly("insult|threat", "insult", "|");
    Path unknown = table("insult", "insult|other");
    assertThatThrownBy(() -> labels(unknown, model, 0))
        .hasMessage(
            unknown
                + ": line 3: expected a label of the model [insult, threat], found 'insult|other'");
  }

  @Test
  void labelsOfARegressionAreNumbers() throws IOException {
    KnownLabels numbers = KnownLabels.any(ProblemType.REGRESSION);
    assertThat(labels(table("1", " -2.5e1 ", ".5", "0|1"), numbers, 0))
        .containsExactly("1", "-2.5e1", ".5", "0|1");
    for (String wrong : List.of("ham", "1,5", "NaN", "1e99", "0x1", "1|")) {
      Path file = table("1", wrong);
      assertThatThrownBy(() -> labels(file, numbers, 0))
          .hasMessage(
              file
                  + ": line 3: expected a number, as problem_type is regression, found '"
                  + wrong
                  + "'");
    }
    KnownLabels two = KnownLabels.of(List.of("a", "b"), "the model", ProblemType.REGRESSION);
    assertThat(labels(table("0|1", "2 | 3"), two, 0)).containsExactly("0|1", "2 | 3");
    Path one = table("0|1", "1");
    assertThatThrownBy(() -> labels(one, two, 0))
        .hasMessage(
            one
                + ": line 3: expected 2 numbers parted by |, as problem_type is regression, found"
                + " '1'");
  }

  @Test
  void zeroIsHamAndOneIsSpam() throws IOException {
    Path file = table("0", "1", "1.0", "Ham");
    List<String> expected = List.of("ham", "spam", "spam", "ham");
    KnownLabels usual = KnownLabels.of(List.of("ham", "spam"), "the model");
    assertThat(labels(file, usual, 0)).isEqualTo(expected);
    KnownLabels turned = KnownLabels.of(List.of("spam", "ham"), "the model");
    assertThat(labels(file, turned, 0)).isEqualTo(expected);
    assertThat(notes.toString().lines().toList().get(0))
        .isEqualTo(
            file
                + ": labels read as others: '0' as 'ham', '1' as 'spam', '1.0' as 'spam', 'Ham' as"
                + " 'ham'");
  }

  @Test
  void numbersThatAreNamesStayNames() throws IOException {
    KnownLabels model = KnownLabels.of(List.of("1", "0", "2"), "the model");
    assertThat(labels(table("0", "1", "2"), model, 0)).containsExactly("0", "1", "2");
    assertThat(labels(table("0", "1", "0"), KnownLabels.any(), 0)).containsExactly("0", "1", "0");
    assertThat(notes.toString()).isEmpty();
  }

  /** As pandas writes a column of stars with gaps; no star is meant by its place in the list. */
  @Test
  void numbersAreNoIdsWhereNamesAreNumbers() throws IOException {
    KnownLabels stars = KnownLabels.of(List.of("1", "2", "3", "4", "5"), "the model");
    assertThat(labels(table("1.0", "4.0", "5.0", "3"), stars, 0))
        .containsExactly("1", "4", "5", "3");
    for (String label : List.of("0", "0.0", "6")) {
      Path file = table("1", label);
      assertThatThrownBy(() -> labels(file, stars, 0))
          .hasMessage(
              "%s: line 3: expected a label of the model [1, 2, 3, 4, 5], found '%s'"
                  .formatted(file, label));
    }
  }

  @Test
  void aLabelThatIsNotKnownIsRefusedByItsLine() throws IOException {
    KnownLabels model = KnownLabels.of(List.of("ham", "spam"), "the model");
    for (String label : List.of("eggs", "2", "1.5", "-1")) {
      Path file = table("ham", label);
      assertThatThrownBy(() -> labels(file, model, 0))
          .isInstanceOf(DataFileException.class)
          .hasMessage(
              file + ": line 3: expected a label of the model [ham, spam], found '" + label + "'");
    }
    Path file = table("ham", "eggs");
    assertThat(labels(file, model, 1)).containsExactly("ham");
    assertThat(notes.toString())
        .contains("line 3: expected a label of the model [ham, spam], found 'eggs'; skipped");
  }

  /** A model may have been trained on both. */
  @Test
  void exactNamesGoBeforeThoseOfOtherCase() throws IOException {
    KnownLabels model = KnownLabels.of(List.of("Spam", "spam"), "the model");
    assertThat(labels(table("spam", "Spam"), model, 0)).containsExactly("spam", "Spam");
    Path unclear = table("SPAM");
    assertThatThrownBy(() -> labels(unclear, model, 0)).hasMessageContaining("found 'SPAM'");
  }

  @Test
  void aFirstRowWithALabelOfTheModelIsNoHeader() throws IOException {
    Path file = Files.writeString(directory.resolve("x.csv"), "will it rain,weather\nplay,music\n");
    KnownLabels model = KnownLabels.of(List.of("music", "weather"), "the model");
    assertThat(labels(file, model, 0)).containsExactly("weather", "music");
  }
}
