package org.gpt2j.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.lowagie.text.pdf.PdfDictionary;
import com.lowagie.text.pdf.PdfName;
import com.lowagie.text.pdf.PdfObject;
import com.lowagie.text.pdf.PdfReader;
import com.lowagie.text.pdf.parser.PdfTextExtractor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingMetricsReportTest {
  private static final int BLUE = 0x1f77b4;
  private static final int ORANGE = 0xff7f0e;
  private static final String STROKE_BLUE = "0.12157 0.46667 0.70588 RG";
  private static final String STROKE_ORANGE = "1 0.49804 0.0549 RG";

  @TempDir private Path dir;

  /** Rows as a classifier's training logs them. */
  private static List<Map<String, Double>> classifier() {
    List<Map<String, Double>> rows = new ArrayList<>();
    for (double step = 10; step <= 100; step += 10) {
      rows.add(Map.of("step", step, "epoch", step / 50, "loss", 1 / step, "learning_rate", 1e-4));
      if (step % 50 == 0) {
        rows.add(
            Map.of(
                "step",
                step,
                "epoch",
                step / 50,
                "eval_loss",
                2 / step,
                "eval_accuracy",
                0.9,
                "train_accuracy",
                0.95));
      }
    }
    return rows;
  }

  private void write(List<Map<String, Double>> rows) throws IOException {
    TrainingMetricsReport.write(dir, "Spam of the übung", rows);
  }

  private PdfReader pdf() throws IOException {
    return new PdfReader(Files.readAllBytes(dir.resolve(TrainingMetricsReport.PDF_NAME)));
  }

  /** Lines of text in the order in which they were drawn. */
  private List<String> lines() throws IOException {
    return new PdfTextExtractor(pdf()).getTextFromPage(1).lines().map(String::strip).toList();
  }

  private String drawing() throws IOException {
    return new String(pdf().getPageContent(1), StandardCharsets.ISO_8859_1);
  }

  private static List<PdfDictionary> dictionaries(PdfReader reader) {
    List<PdfDictionary> found = new ArrayList<>();
    for (int i = 1; i < reader.getXrefSize(); i++) {
      PdfObject object = reader.getPdfObject(i);
      if (object instanceof PdfDictionary dictionary) {
        found.add(dictionary);
      }
    }
    return found;
  }

  private BufferedImage png() throws IOException {
    return ImageIO.read(dir.resolve(TrainingMetricsReport.PNG_NAME).toFile());
  }

  /** Pixels of a colour in the half of the picture that starts at x. */
  private static long count(BufferedImage image, int color, int x) {
    int[] pixels = image.getRGB(x, 0, 842, 1190, null, 0, 842);
    return Arrays.stream(pixels).filter(pixel -> (pixel & 0xffffff) == color).count();
  }

  @Test
  void thePdfIsOnePageOfA4Landscape() throws IOException {
    write(classifier());
    PdfReader pdf = pdf();
    assertThat(pdf.getNumberOfPages()).isEqualTo(1);
    assertThat(pdf.getPageSizeWithRotation(1).getWidth()).isEqualTo(842);
    assertThat(pdf.getPageSizeWithRotation(1).getHeight()).isEqualTo(595);
    assertThat(pdf.getInfo()).containsEntry("Title", "Spam of the übung");
  }

  @Test
  void titlesLegendsAndTicksAreText() throws IOException {
    write(classifier());
    List<String> lines = lines();
    // Each is the title of a chart and of an axis.
    assertThat(lines).filteredOn("Loss"::equals).hasSize(2);
    assertThat(lines).filteredOn("Accuracy"::equals).hasSize(2);
    assertThat(lines).filteredOn("Step"::equals).hasSize(2);
    assertThat(String.join(" ", lines))
        .startsWith("Spam of the übung")
        .contains("Training loss", "Validation loss", "Training accuracy", "Validation accuracy")
        .contains("0 20 40 60 80 100", "0.02 0.03 0.04", "0.91 0.92 0.93");
  }

  @Test
  void theFontIsEmbeddedAndNothingIsAnImage() throws IOException {
    write(classifier());
    List<PdfDictionary> all = dictionaries(pdf());
    assertThat(all)
        .filteredOn(d -> PdfName.FONTDESCRIPTOR.equals(d.get(PdfName.TYPE)))
        .isNotEmpty()
        .allMatch(d -> d.contains(PdfName.FONTFILE2) || d.contains(PdfName.FONTFILE3));
    assertThat(all)
        .filteredOn(d -> d.contains(PdfName.BASEFONT))
        .isNotEmpty()
        .allMatch(d -> d.get(PdfName.BASEFONT).toString().endsWith("+LiberationSans"));
    assertThat(all).noneMatch(d -> PdfName.IMAGE.equals(d.get(PdfName.SUBTYPE)));
    assertThat(drawing()).doesNotContain("BI\n");
  }

  @Test
  void trainingIsBlueAndSolidValidationOrangeAndDashed() throws IOException {
    write(classifier());
    // What is drawn in a colour after dashes were set or reset.
    assertThat(drawing())
        .containsPattern("\\[6 3 ?\\] ?0 d\\s+" + STROKE_ORANGE)
        .doesNotContainPattern("\\[6 3 ?\\] ?0 d\\s+" + STROKE_BLUE)
        .contains(STROKE_BLUE);
  }

  @Test
  void thePngHasBothColoursInBothCharts() throws IOException {
    write(classifier());
    BufferedImage image = png();
    assertThat(image.getWidth()).isEqualTo(1684);
    assertThat(image.getHeight()).isEqualTo(1190);
    for (int half : new int[] {0, 842}) {
      assertThat(count(image, BLUE, half)).isGreaterThan(500);
      assertThat(count(image, ORANGE, half)).isGreaterThan(500);
    }
    assertThat(image.getRGB(0, 0)).isEqualTo(0xffffffff);
  }

  @Test
  void withoutTrainAccuracyThereIsOnlyThatOfTheValidation() throws IOException {
    write(
        List.of(
            Map.of("step", 1.0, "loss", 0.5),
            Map.of("step", 2.0, "eval_loss", 0.4, "eval_accuracy", 0.8)));
    assertThat(String.join(" ", lines()))
        .contains("Validation accuracy")
        .doesNotContain("Training accuracy");
    assertThat(count(png(), BLUE, 842)).isZero();
  }

  @Test
  void aLanguageModelHasOneChartThatTakesThePage() throws IOException {
    write(
        List.of(
            Map.of("step", 1.0, "loss", 5.0),
            Map.of("step", 2.0, "loss", 4.0),
            Map.of("step", 2.0, "eval_loss", 4.5)));
    assertThat(lines()).contains("Loss", "Step").doesNotContain("Accuracy");
    assertThat(count(png(), BLUE, 0)).isPositive();
    assertThat(count(png(), BLUE, 842)).isPositive();
  }

  @Test
  void oneRowIsAMark() throws IOException {
    write(List.of(Map.of("step", 10.0, "loss", 2.3)));
    assertThat(lines()).contains("2.28", "2.30", "2.32");
    // In the right half lies the point, in the left one half of the legend's line.
    assertThat(count(png(), BLUE, 842)).isPositive();
  }

  @Test
  void aHistoryWithoutRowsSaysSo() throws IOException {
    write(List.of());
    assertThat(lines()).contains("Loss", "No finite value was logged");
  }

  @Test
  void valuesThatAreNotFiniteLeaveAGap() throws IOException {
    List<Map<String, Double>> rows = new ArrayList<>();
    for (double step = 1; step <= 100; step++) {
      double value = step % 2 == 0 ? Double.NaN : step == 51 ? Double.POSITIVE_INFINITY : 1;
      rows.add(Map.of("step", step, "loss", value));
    }
    write(rows);
    assertThat(lines()).contains("0.980", "1.000", "1.020");
    // Lone points have no line but a mark each, though a curve of as many points has none.
    assertThat(count(png(), BLUE, 842)).isGreaterThan(500);
    write(List.of(Map.of("step", 1.0, "loss", Double.NaN, "eval_loss", Double.NaN)));
    assertThat(lines()).contains("No finite value was logged");
  }

  @Test
  void thousandsOfRowsAreOnePathEach() throws IOException {
    List<Map<String, Double>> rows = new ArrayList<>();
    for (double step = 1; step <= 5000; step++) {
      rows.add(Map.of("step", step * 200, "loss", 3 + Math.sin(step), "eval_loss", 4 - step / 1e4));
    }
    write(rows);
    assertThat(lines()).contains("0 200,000 400,000 600,000 800,000 1,000,000");
    // A dash that began anew at each point would never end: the curve would be solid.
    assertThat(drawing().split("\nS\n", -1)).hasSizeBetween(4, 100);
    assertThat(Files.size(dir.resolve(TrainingMetricsReport.PDF_NAME))).isLessThan(200_000);
  }

  @Test
  void numbersAreWrittenTheSameInEveryCountry() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      write(classifier());
    } finally {
      Locale.setDefault(before);
    }
    assertThat(lines()).contains("0.02", "0.91");
  }

  @Test
  void aLongTitleStaysOnThePage() throws IOException {
    TrainingMetricsReport.write(dir, "word ".repeat(20) + "/a/path".repeat(40), classifier());
    assertThat(lines().get(0)).startsWith("word word");
    assertThat(lines().get(1)).endsWith("...");
    assertThat(lines().get(2)).isEqualTo("Loss");
  }

  @Test
  void aRowWithoutAStepIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write(List.of(Map.of("step", 1.0), Map.of("loss", 1.0))))
        .withMessage("log history, row 1: expected a step of at least 0, found {loss=1.0}");
  }

  @Test
  void onFailureNothingIsWritten() throws IOException {
    Files.createDirectory(dir.resolve(TrainingMetricsReport.PNG_NAME));
    assertThatIOException()
        .isThrownBy(() -> write(classifier()))
        .withMessageContaining("training_metrics.png: expected a file to write, found a directory");
    assertThat(dir.resolve(TrainingMetricsReport.PDF_NAME)).doesNotExist();
  }
}
