package org.gpt2j.training.report;

import com.lowagie.text.Document;
import com.lowagie.text.Rectangle;
import com.lowagie.text.pdf.PdfWriter;
import java.awt.AWTError;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.gpt2j.io.AtomicFile;

/**
 * Charts of what a training logged: loss against step and, where there is one, accuracy against
 * step; training blue and solid, validation orange and dashed. One page of A4 as PDF, drawn with
 * lines and an embedded font, and the same picture as PNG.
 */
public final class TrainingMetricsReport {
  private static final int PIXELS_PER_POINT = 2;
  static final int PNG_WIDTH = MetricsPage.WIDTH * PIXELS_PER_POINT;
  static final int PNG_HEIGHT = MetricsPage.HEIGHT * PIXELS_PER_POINT;

  /** The charts to print or to enlarge. */
  public static final String PDF_NAME = "training_metrics.pdf";

  /** The same picture in pixels, 1684 x 1190. */
  public static final String PNG_NAME = "training_metrics.png";

  private TrainingMetricsReport() {}

  /**
   * Writes both files; no display is needed.
   *
   * @param directory where to, must exist
   * @param title the line above the charts
   * @param logHistory rows as of {@code TrainerState.logHistory()}: each has step, some have loss,
   *     eval_loss, train_accuracy or eval_accuracy; values that are not finite leave a gap
   * @throws IllegalArgumentException naming the row that has no finite step
   * @throws IOException naming the file that cannot be written, or if this machine cannot draw
   */
  public static void write(Path directory, String title, List<Map<String, Double>> logHistory)
      throws IOException {
    byte[] pdf;
    byte[] png;
    try {
      MetricsPage page = new MetricsPage(title, logHistory, ReportFont.load());
      pdf = pdf(page, title);
      png = png(page);
    } catch (AWTError | LinkageError e) {
      throw new IOException(
          directory
              + ": the charts cannot be drawn, which needs the system's libraries freetype and"
              + " fontconfig, and -Djava.awt.headless=true where DISPLAY names no display: "
              + e,
          e);
    }
    AtomicFile.writeAll(
        Map.of(
            directory.resolve(PDF_NAME), content(pdf), directory.resolve(PNG_NAME), content(png)));
  }

  private static AtomicFile.Content content(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return channel -> {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    };
  }

  private static byte[] pdf(MetricsPage page, String title) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Document document = new Document(new Rectangle(MetricsPage.WIDTH, MetricsPage.HEIGHT))) {
      PdfWriter writer = PdfWriter.getInstance(document, bytes);
      document.addTitle(title);
      document.addCreator("gpt2j");
      document.open();
      Graphics2D g =
          writer
              .getDirectContent()
              .createGraphics(MetricsPage.WIDTH, MetricsPage.HEIGHT, page.font());
      page.draw(g);
      g.dispose();
    }
    return bytes.toByteArray();
  }

  private static byte[] png(MetricsPage page) throws IOException {
    BufferedImage image = new BufferedImage(PNG_WIDTH, PNG_HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.scale(PIXELS_PER_POINT, PIXELS_PER_POINT);
    page.draw(g);
    g.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // Not the stream itself, which would go through a file in the directory for temporary files.
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, "png", out);
    }
    return bytes.toByteArray();
  }
}
