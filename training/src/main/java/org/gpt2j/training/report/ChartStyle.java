package org.gpt2j.training.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemSource;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.SeriesRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.Range;

/** What all charts have in common: colours, axes, grid, legend. */
final class ChartStyle {
  static final Color BLUE = new Color(0x1f77b4);
  static final Color ORANGE = new Color(0xff7f0e);
  private static final Color GRID = new Color(0xdddddd);

  /** Of a line, in points. */
  static final float WIDTH = 1.5f;

  /** Lengths of the line and of the gap, in points. */
  static final float[] DASHES = {6, 3};

  private static final int MOST_TICKS = 10;

  private final ReportFont font;

  ChartStyle(ReportFont font) {
    this.font = font;
  }

  /**
   * A line.
   *
   * @param width in points
   * @param dashes lengths of lines and gaps in points; null for a solid line
   */
  static BasicStroke stroke(float width, float[] dashes) {
    return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0);
  }

  /** A chart of a plot that has its data and axes. */
  JFreeChart chart(String title, XYPlot plot, LegendItemSource source) {
    plot.setSeriesRenderingOrder(SeriesRenderingOrder.FORWARD);
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlinePaint(Color.GRAY);
    plot.setDomainGridlinePaint(GRID);
    plot.setRangeGridlinePaint(GRID);
    plot.setDomainGridlineStroke(new BasicStroke(0.5f));
    plot.setRangeGridlineStroke(new BasicStroke(0.5f));
    plot.setAxisOffset(RectangleInsets.ZERO_INSETS);

    JFreeChart chart = new JFreeChart(title, font.size(13), plot, false);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(4, 4, 4, 12));
    LegendTitle legend = new LegendTitle(source);
    legend.setItemFont(font.size(10));
    legend.setPosition(RectangleEdge.BOTTOM);
    legend.setItemLabelPadding(new RectangleInsets(2, 4, 2, 12));
    chart.addLegend(legend);
    return chart;
  }

  /**
   * An axis.
   *
   * @param smallestTick the least distance between two ticks
   */
  NumberAxis axis(String label, Range range, double smallestTick) {
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
}
