package org.gpt2j.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.lowagie.text.pdf.PdfReader;
import com.lowagie.text.pdf.parser.PdfTextExtractor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationReportTest {
  private static final float[][] LOGITS = {{0, 1}, {0, -1}, {0, 3}, {0, -3}, {0, 2}};
  private static final int[] LABELS = {1, 0, 1, 0, 0};

  @TempDir private Path dir;

  private String text() throws IOException {
    PdfReader pdf = new PdfReader(Files.readAllBytes(dir.resolve(EvaluationReport.PDF_NAME)));
    assertThat(pdf.getNumberOfPages()).isEqualTo(1);
    return String.join(" ", new PdfTextExtractor(pdf).getTextFromPage(1).split("\\s+"));
  }

  private long pixels(int color) throws IOException {
    BufferedImage png = ImageIO.read(dir.resolve(EvaluationReport.PNG_NAME).toFile());
    int[] all = png.getRGB(0, 0, png.getWidth(), png.getHeight(), null, 0, png.getWidth());
    return Arrays.stream(all).filter(pixel -> (pixel & 0xffffff) == color).count();
  }

  @Test
  void aFilterHasBothChartsAndItsThreshold() throws IOException {
    EvaluationReport.write(
        dir, "messages.tsv", List.of("ham", "spam"), LOGITS, LABELS, OptionalDouble.of(.9));
    assertThat(text())
        .startsWith("messages.tsv")
        .contains("Reliability", "Probability of spam", "Part that is spam", "5 texts")
        .contains("Precision and recall", "Recall", "average precision 0.833")
        .contains("Blocked from a probability of 0.900");
    assertThat(pixels(0x1f77b4)).isGreaterThan(500);
    assertThat(pixels(0xff7f0e)).as("the mark").isGreaterThan(50);
  }

  @Test
  void ofMoreClassesThereIsTheReliabilityAlone() throws IOException {
    float[][] logits = {{0, 1, 2}, {3, 0, 0}};
    EvaluationReport.write(
        dir, "topics", List.of("a", "b", "c"), logits, new int[] {2, 1}, OptionalDouble.empty());
    assertThat(text()).contains("Probability of the label", "2 texts").doesNotContain("Recall");
  }

  @Test
  void withoutSpamThereIsNothingToRecall() throws IOException {
    EvaluationReport.write(
        dir, "ham", List.of("ham", "spam"), LOGITS, new int[5], OptionalDouble.empty());
    assertThat(text()).contains("Reliability").doesNotContain("Recall");
  }
}
