package org.gpt2j.training.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jfree.chart.JFreeChart;

/**
 * Charts of what a training logged: loss against step and, where there is one, accuracy against
 * step; training blue and solid, validation orange and dashed. One page of A4 as PDF, drawn with
 * lines and an embedded font, and the same picture as PNG.
 */
public final class TrainingMetricsReport {
  private static final String NAME = "training_metrics";

  /** The charts to print or to enlarge. */
  public static final String PDF_NAME = NAME + ".pdf";

  /** The same picture in pixels, 1684 x 1190. */
  public static final String PNG_NAME = NAME + ".png";

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
    double lastStep = lastStep(logHistory);
    ChartPage.write(directory, NAME, title, font -> charts(logHistory, lastStep, font));
  }

  private static List<JFreeChart> charts(
      List<Map<String, Double>> rows, double lastStep, ReportFont font) {
    MetricPlot loss = new MetricPlot("Loss", Double.POSITIVE_INFINITY, font);
    loss.addTraining(rows, "loss");
    loss.addValidation(rows, "eval_loss");
    MetricPlot accuracy = new MetricPlot("Accuracy", 1, font);
    accuracy.addTraining(rows, "train_accuracy");
    accuracy.addValidation(rows, "eval_accuracy");
    return accuracy.isEmpty()
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
}
