package org.gpt2j.training.report;

import com.lowagie.text.Document;
import com.lowagie.text.Rectangle;
import com.lowagie.text.pdf.PdfWriter;
import java.awt.AWTError;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.gpt2j.io.AtomicFile;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.block.RectangleConstraint;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.Size2D;
import org.jfree.data.Range;

/**
 * A title and the charts below it, side by side, on A4 landscape: a page of PDF, drawn with lines
 * and an embedded font, and the same picture as PNG.
 */
final class ChartPage {
  /** In points. */
  static final int WIDTH = 842;

  /** In points. */
  static final int HEIGHT = 595;

  static final int PIXELS_PER_POINT = 2;
  private static final int MARGIN = 28;

  private final String title;
  private final ReportFont font;
  private final List<JFreeChart> charts;

  private ChartPage(String title, ReportFont font, List<JFreeChart> charts) {
    this.title = title;
    this.font = font;
    this.charts = charts;
  }

  /**
   * Writes both files, which appear together; no display is needed.
   *
   * @param directory where to, must exist
   * @param name of the files, without ending
   * @param title the line above the charts
   * @param charts makes one or two of them with a font
   * @throws IOException naming the file that cannot be written, or if this machine cannot draw
   */
  static void write(
      Path directory, String name, String title, Function<ReportFont, List<JFreeChart>> charts)
      throws IOException {
    byte[] pdf;
    byte[] png;
    try {
      ReportFont font = ReportFont.load();
      ChartPage page = new ChartPage(title, font, charts.apply(font));
      pdf = page.pdf();
      png = page.png();
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
            directory.resolve(name + ".pdf"),
            content(pdf),
            directory.resolve(name + ".png"),
            content(png)));
  }

  private static AtomicFile.Content content(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return channel -> {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    };
  }

  private byte[] pdf() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Document document = new Document(new Rectangle(WIDTH, HEIGHT))) {
      PdfWriter writer = PdfWriter.getInstance(document, bytes);
      document.addTitle(title);
      document.addCreator("gpt2j");
      document.open();
      Graphics2D g = writer.getDirectContent().createGraphics(WIDTH, HEIGHT, font);
      draw(g);
      g.dispose();
    }
    return bytes.toByteArray();
  }

  private byte[] png() throws IOException {
    BufferedImage image =
        new BufferedImage(
            WIDTH * PIXELS_PER_POINT, HEIGHT * PIXELS_PER_POINT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.scale(PIXELS_PER_POINT, PIXELS_PER_POINT);
    draw(g);
    g.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // Not the stream itself, which would go through a file in the directory for temporary files.
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, "png", out);
    }
    return bytes.toByteArray();
  }

  private void draw(Graphics2D g) {
    // As the PDF places glyphs, so that both look the same.
    g.setRenderingHint(
        RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setPaint(Color.WHITE);
    g.fill(new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
    double top = MARGIN + drawTitle(g);
    double width = (WIDTH - 2.0 * MARGIN) / charts.size();
    for (int i = 0; i < charts.size(); i++) {
      charts
          .get(i)
          .draw(g, new Rectangle2D.Double(MARGIN + i * width, top, width, HEIGHT - MARGIN - top));
    }
  }

  /** A long title takes two lines, what does not fit is cut. */
  private double drawTitle(Graphics2D g) {
    TextTitle line = new TextTitle(title, font.size(17));
    line.setPaint(Color.BLACK);
    line.setMaximumLinesToDisplay(2);
    double width = WIDTH - 2.0 * MARGIN;
    Size2D size =
        line.arrange(g, new RectangleConstraint(new Range(width, width), new Range(0, HEIGHT)));
    line.draw(g, new Rectangle2D.Double(MARGIN, MARGIN, width, size.height));
    return size.height;
  }
}
