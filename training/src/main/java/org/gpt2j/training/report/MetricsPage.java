package org.gpt2j.training.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.Map;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.block.RectangleConstraint;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.Size2D;
import org.jfree.data.Range;

/** A title and the charts below it, side by side, on A4 landscape. */
final class MetricsPage {
  /** In points. */
  static final int WIDTH = 842;

  /** In points. */
  static final int HEIGHT = 595;

  private static final int MARGIN = 28;

  private final String title;
  private final ReportFont font;
  private final List<JFreeChart> charts;

  MetricsPage(String title, List<Map<String, Double>> rows, ReportFont font) {
    this.title = title;
    this.font = font;
    double lastStep = lastStep(rows);
    MetricPlot loss = new MetricPlot("Loss", Double.POSITIVE_INFINITY, font);
    loss.addTraining(rows, "loss");
    loss.addValidation(rows, "eval_loss");
    MetricPlot accuracy = new MetricPlot("Accuracy", 1, font);
    accuracy.addTraining(rows, "train_accuracy");
    accuracy.addValidation(rows, "eval_accuracy");
    this.charts =
        accuracy.isEmpty()
            ? List.of(loss.chart(lastStep))
            : List.of(loss.chart(lastStep), accuracy.chart(lastStep));
  }

  private static double lastStep(List<Map<String, Double>> rows) {
    double last = 0;
    for (int i = 0; i < rows.size(); i++) {
      Double step = rows.get(i).get("step");
      if (step == null || !Double.isFinite(step) || step < 0) {
        throw new IllegalArgumentException(
            "log history, row " + i + ": expected a step of at least 0, found " + rows.get(i));
      }
      last = Math.max(last, step);
    }
    return last;
  }

  ReportFont font() {
    return font;
  }

  void draw(Graphics2D g) {
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
