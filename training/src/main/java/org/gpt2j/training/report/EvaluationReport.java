package org.gpt2j.training.report;

import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.gpt2j.training.calibration.Calibration;
import org.gpt2j.training.calibration.PrecisionRecallCurve;
import org.gpt2j.training.calibration.Reliability;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.Range;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * Charts of how a classifier did on labelled texts: its reliability diagram (how often what it said
 * with a probability came true) and, of two classes, precision against recall with a mark at its
 * threshold. One page of A4 as PDF and the same picture as PNG.
 */
public final class EvaluationReport {
  private static final String NAME = "evaluation_plots";

  /** The charts to print or to enlarge. */
  public static final String PDF_NAME = NAME + ".pdf";

  /** The same picture in pixels, 1684 x 1190. */
  public static final String PNG_NAME = NAME + ".png";

  private static final Range UNIT = new Range(-0.02, 1.02);
  private static final Shape MARK = new Ellipse2D.Double(-3.5, -3.5, 7, 7);
  private static final Shape DOT = new Ellipse2D.Double(-2, -2, 4, 4);

  private EvaluationReport() {}

  /**
   * Writes both files; no display is needed.
   *
   * @param directory where to, must exist
   * @param title the line above the charts
   * @param names of the classes
   * @param logits [N, classes], whose softmax are the probabilities
   * @param labels class indices [N]
   * @param threshold probability of class 1 from which on it is the label; empty for one half
   * @throws IOException naming the file that cannot be written, or if this machine cannot draw
   */
  public static void write(
      Path directory,
      String title,
      List<String> names,
      float[][] logits,
      int[] labels,
      OptionalDouble threshold)
      throws IOException {
    ChartPage.write(
        directory,
        NAME,
        title,
        font -> {
          ChartStyle style = new ChartStyle(font);
          List<JFreeChart> charts =
              new ArrayList<>(List.of(reliability(style, names, logits, labels)));
          // Without a text of class 1 nothing can be recalled.
          if (names.size() == 2 && Arrays.stream(labels).anyMatch(label -> label == 1)) {
            charts.add(precisionRecall(style, names.get(1), logits, labels, threshold.orElse(0.5)));
          }
          return charts;
        });
  }

  private static JFreeChart reliability(
      ChartStyle style, List<String> names, float[][] logits, int[] labels) {
    Reliability reliability = Reliability.of(logits, labels);
    XYSeries bins =
        new XYSeries(
            String.format(
                Locale.ROOT,
                "%s texts, expected calibration error %.3f",
                labels.length,
                reliability.expectedCalibrationError()),
            false);
    reliability.bins().forEach(bin -> bins.add(bin.probability(), bin.frequency()));
    XYSeries diagonal = new XYSeries("As it should be", false);
    diagonal.add(0, 0);
    diagonal.add(1, 1);
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer();
    line(renderer, 0, ChartStyle.BLUE, null, DOT);
    line(renderer, 1, Color.GRAY, ChartStyle.DASHES, null);
    String what = names.size() == 2 ? "Probability of " + names.get(1) : "Probability of the label";
    String came = names.size() == 2 ? "Part that is " + names.get(1) : "Part that is right";
    return chart(style, "Reliability", what, came, renderer, bins, diagonal);
  }

  private static JFreeChart precisionRecall(
      ChartStyle style, String name, float[][] logits, int[] labels, double threshold) {
    double[] scores = new double[labels.length];
    Arrays.setAll(scores, i -> Calibration.probabilities(logits[i])[1]);
    PrecisionRecallCurve curve = PrecisionRecallCurve.of(scores, labels);
    XYSeries line =
        new XYSeries(
            String.format(
                Locale.ROOT, "%s, average precision %.3f", name, curve.averagePrecision()),
            false);
    XYSeries mark =
        new XYSeries(String.format(Locale.ROOT, "Blocked from a probability of %.3f", threshold));
    PrecisionRecallCurve.Point at = null;
    for (PrecisionRecallCurve.Point point : curve.points()) {
      line.add(point.recall(), point.precision());
      at = point.threshold() >= threshold ? point : at;
    }
    if (at != null) {
      mark.add(at.recall(), at.precision());
    }
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer();
    line(renderer, 0, ChartStyle.BLUE, null, null);
    line(renderer, 1, ChartStyle.ORANGE, null, MARK);
    return chart(style, "Precision and recall", "Recall", "Precision", renderer, line, mark);
  }

  /**
   * @param shape of its points; null for none
   */
  private static void line(
      XYLineAndShapeRenderer renderer, int series, Color color, float[] dashes, Shape shape) {
    renderer.setSeriesPaint(series, color);
    renderer.setSeriesStroke(series, ChartStyle.stroke(ChartStyle.WIDTH, dashes));
    renderer.setSeriesShapesVisible(series, shape != null);
    if (shape != null) {
      renderer.setSeriesShape(series, shape);
    }
  }

  private static JFreeChart chart(
      ChartStyle style,
      String title,
      String across,
      String up,
      XYLineAndShapeRenderer renderer,
      XYSeries... series) {
    XYSeriesCollection data = new XYSeriesCollection();
    for (XYSeries s : series) {
      data.addSeries(s);
    }
    XYPlot plot =
        new XYPlot(data, style.axis(across, UNIT, 0.1), style.axis(up, UNIT, 0.1), renderer);
    return style.chart(title, plot, renderer::getLegendItems);
  }
}
