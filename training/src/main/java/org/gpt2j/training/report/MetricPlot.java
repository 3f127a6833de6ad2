package org.gpt2j.training.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.Range;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** One metric against the step: training blue and solid, validation orange and dashed. */
final class MetricPlot {
  /** A longer curve shows no mark for each point. */
  private static final int MOST_MARKS = 60;

  /** A longer curve of single batches is mostly noise: a thinner line leaves room. */
  private static final int MOST_POINTS_OF_A_THICK_LINE = 500;

  private final String name;
  private final double highest;
  private final ReportFont font;
  private final ChartStyle style;
  private final XYSeriesCollection data = new XYSeriesCollection();
  private final XYLineAndShapeRenderer renderer = new LineRenderer(data);

  /**
   * @param name the metric's name as a title has it: Loss
   * @param highest what a value cannot exceed; the lowest is 0
   */
  MetricPlot(String name, double highest, ReportFont font) {
    this.name = name;
    this.highest = highest;
    this.font = font;
    this.style = new ChartStyle(font);
  }

  /** Adds the curve of a key for training if rows have it. */
  void addTraining(List<Map<String, Double>> rows, String key) {
    long points = rows.stream().filter(row -> row.containsKey(key)).count();
    float width = points > MOST_POINTS_OF_A_THICK_LINE ? 0.6f : ChartStyle.WIDTH;
    add(rows, key, "Training", ChartStyle.BLUE, ChartStyle.stroke(width, null));
  }

  /** Adds the curve of a key for validation if rows have it. */
  void addValidation(List<Map<String, Double>> rows, String key) {
    add(
        rows,
        key,
        "Validation",
        ChartStyle.ORANGE,
        ChartStyle.stroke(ChartStyle.WIDTH, ChartStyle.DASHES));
  }

  private void add(
      List<Map<String, Double>> rows, String key, String part, Color color, BasicStroke stroke) {
    XYSeries series = new XYSeries(part + " " + name.toLowerCase(Locale.ROOT));
    for (Map<String, Double> row : rows) {
      Double value = row.get(key);
      if (value != null) {
        // A value that cannot be drawn leaves a gap.
        series.add(row.get("step"), Double.isFinite(value) ? value : Double.valueOf(Double.NaN));
      }
    }
    if (series.isEmpty()) {
      return;
    }
    int i = data.getSeriesCount();
    data.addSeries(series);
    renderer.setSeriesPaint(i, color);
    renderer.setSeriesStroke(i, stroke);
    renderer.setSeriesShape(i, new Ellipse2D.Double(-2, -2, 4, 4));
    renderer.setSeriesShapesVisible(i, series.getItemCount() <= MOST_MARKS);
  }

  boolean isEmpty() {
    return data.getSeriesCount() == 0;
  }

  /**
   * The chart.
   *
   * @param lastStep the end of the axis of steps
   */
  JFreeChart chart(double lastStep) {
    Range steps = new Range(0, Math.max(1, lastStep) * 1.02);
    XYPlot plot = new XYPlot(data, style.axis("Step", steps, 1), null, renderer);
    Range values = data.getRangeBounds(false);
    if (values == null || Double.isNaN(values.getLength())) {
      plot.setRangeAxis(style.axis(name, new Range(0, 1), 1));
      plot.getRangeAxis().setTickLabelsVisible(false);
      plot.setDataset(null);
      plot.setNoDataMessage("No finite value was logged");
      plot.setNoDataMessageFont(font.size(10));
    } else {
      plot.setRangeAxis(style.axis(name, padded(values), Double.MIN_NORMAL));
    }
    return style.chart(name, plot, renderer::getLegendItems);
  }

  /** Some room around the values, but little where none can be. */
  private Range padded(Range values) {
    double middle = values.getCentralValue();
    double height = Math.max(values.getLength(), middle == 0 ? 1 : 0.04 * Math.abs(middle));
    double low = Math.min(values.getLowerBound(), -0.02 * height);
    double high = Math.max(values.getUpperBound(), highest + 0.02 * height);
    return new Range(Math.max(low, middle - 0.55 * height), Math.min(high, middle + 0.55 * height));
  }

  /** Draws a curve as one path, so that dashes go on from point to point. */
  private static final class LineRenderer extends XYLineAndShapeRenderer {
    private static final long serialVersionUID = 1L;
    private final transient XYSeriesCollection data;

    LineRenderer(XYSeriesCollection data) {
      this.data = data;
      setDrawSeriesLineAsPath(true);
      setLegendLine(new Line2D.Double(-16, 0, 16, 0));
    }

    /** A point between two gaps has no line: it needs a mark. */
    @Override
    public boolean getItemShapeVisible(int series, int item) {
      return super.getItemShapeVisible(series, item)
          || isGap(series, item - 1) && isGap(series, item + 1);
    }

    private boolean isGap(int series, int item) {
      return item < 0
          || item >= data.getItemCount(series)
          || Double.isNaN(data.getYValue(series, item));
    }
  }
}
