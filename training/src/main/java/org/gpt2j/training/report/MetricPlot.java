package org.gpt2j.training.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.SeriesRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.Range;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** One metric against the step: training blue and solid, validation orange and dashed. */
final class MetricPlot {
  private static final Color BLUE = new Color(0x1f77b4);
  private static final Color ORANGE = new Color(0xff7f0e);
  private static final Color GRID = new Color(0xdddddd);

  /** Of a line, in points. */
  private static final float WIDTH = 1.5f;

  /** Lengths of the line and of the gap, in points. */
  private static final float[] DASHES = {6, 3};

  /** A longer curve shows no mark for each point. */
  private static final int MOST_MARKS = 60;

  /** A longer curve of single batches is mostly noise: a thinner line leaves room. */
  private static final int MOST_POINTS_OF_A_THICK_LINE = 500;

  private static final int MOST_TICKS = 10;

  private final String name;
  private final double highest;
  private final ReportFont font;
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
  }

  /** Adds the curve of a key for training if rows have it. */
  void addTraining(List<Map<String, Double>> rows, String key) {
    long points = rows.stream().filter(row -> row.containsKey(key)).count();
    float width = points > MOST_POINTS_OF_A_THICK_LINE ? 0.6f : WIDTH;
    add(rows, key, "Training", BLUE, stroke(width, null));
  }

  /** Adds the curve of a key for validation if rows have it. */
  void addValidation(List<Map<String, Double>> rows, String key) {
    add(rows, key, "Validation", ORANGE, stroke(WIDTH, DASHES));
  }

  private static BasicStroke stroke(float width, float[] dashes) {
    return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0);
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
    XYPlot plot = new XYPlot(data, axis("Step", steps, 1), null, renderer);
    Range values = data.getRangeBounds(false);
    if (values == null || Double.isNaN(values.getLength())) {
      plot.setRangeAxis(axis(name, new Range(0, 1), 1));
      plot.getRangeAxis().setTickLabelsVisible(false);
      plot.setDataset(null);
      plot.setNoDataMessage("No finite value was logged");
      plot.setNoDataMessageFont(font.size(10));
    } else {
      plot.setRangeAxis(axis(name, padded(values), Double.MIN_NORMAL));
    }
    plot.setSeriesRenderingOrder(SeriesRenderingOrder.FORWARD);
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlinePaint(Color.GRAY);
    plot.setDomainGridlinePaint(GRID);
    plot.setRangeGridlinePaint(GRID);
    plot.setDomainGridlineStroke(new BasicStroke(0.5f));
    plot.setRangeGridlineStroke(new BasicStroke(0.5f));
    plot.setAxisOffset(RectangleInsets.ZERO_INSETS);

    JFreeChart chart = new JFreeChart(name, font.size(13), plot, false);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(4, 4, 4, 12));
    LegendTitle legend = new LegendTitle(renderer::getLegendItems);
    legend.setItemFont(font.size(10));
    legend.setPosition(RectangleEdge.BOTTOM);
    legend.setItemLabelPadding(new RectangleInsets(2, 4, 2, 12));
    chart.addLegend(legend);
    return chart;
  }

  /**
   * @param smallestTick the least distance between two ticks
   */
  private NumberAxis axis(String label, Range range, double smallestTick) {
    NumberAxis axis = new TextAxis(label);
    axis.setLabelFont(font.size(11));
    axis.setTickLabelFont(font.size(9));
    axis.setRange(range);
    axis.setTickUnit(tick(Math.max(smallestTick, range.getLength() / MOST_TICKS)));
    return axis;
  }

  /** The next 1, 2 or 5 times a power of ten, written the same in every country. */
  private static NumberTickUnit tick(double least) {
    int power = (int) Math.floor(Math.log10(least));
    double unit = Math.pow(10, power);
    double digit = least <= unit ? 1 : least <= 2 * unit ? 2 : least <= 5 * unit ? 5 : 10;
    int decimals = digit == 10 ? -power - 1 : -power;
    String pattern =
        Math.abs(power) > 5 ? "0.###E0" : decimals > 0 ? "0." + "0".repeat(decimals) : "#,##0";
    DecimalFormat format =
        new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT));
    return new NumberTickUnit(digit * unit, format) {
      @Override
      public String valueToString(double value) {
        return value == 0 ? "0" : super.valueToString(value);
      }
    };
  }

  /** Some room around the values, but little where none can be. */
  private Range padded(Range values) {
    double middle = values.getCentralValue();
    double height = Math.max(values.getLength(), middle == 0 ? 1 : 0.04 * Math.abs(middle));
    double low = Math.min(values.getLowerBound(), -0.02 * height);
    double high = Math.max(values.getUpperBound(), highest + 0.02 * height);
    return new Range(Math.max(low, middle - 0.55 * height), Math.min(high, middle + 0.55 * height));
  }

  /** Draws the label at the left as text, which JFreeChart draws as outlines in a PDF. */
  private static final class TextAxis extends NumberAxis {
    private static final long serialVersionUID = 1L;

    TextAxis(String label) {
      super(label);
    }

    @Override
    protected AxisState drawLabel(
        String label,
        Graphics2D g,
        Rectangle2D plotArea,
        Rectangle2D dataArea,
        RectangleEdge edge,
        AxisState state) {
      if (edge != RectangleEdge.LEFT) {
        return super.drawLabel(label, g, plotArea, dataArea, edge, state);
      }
      FontMetrics metrics = g.getFontMetrics(getLabelFont());
      double x = state.getCursor() - getLabelInsets().getRight() - metrics.getDescent();
      AffineTransform upright = g.getTransform();
      g.translate(x, dataArea.getCenterY() + metrics.stringWidth(label) / 2.0);
      g.rotate(-Math.PI / 2);
      g.setFont(getLabelFont());
      g.setPaint(getLabelPaint());
      g.drawString(label, 0, 0);
      g.setTransform(upright);
      return state;
    }
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
