package org.gpt2j.training.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.gpt2j.io.Printable;
import org.gpt2j.nn.Labels;
import org.gpt2j.training.ClassificationMetrics;
import org.gpt2j.training.PredictionOutput;
import org.gpt2j.training.calibration.Calibration;
import org.gpt2j.training.calibration.Reliability;
import org.gpt2j.training.data.SmsSpamCollection;

/**
 * Which classes are taken for which, how far the probabilities agree with frequencies, and of a
 * spam filter what its users feel.
 */
record ConfusionReport(
    List<String> labels, ClassificationMetrics metrics, Reliability reliability) {

  /** The report of a model that says one class of each text; of others there is none. */
  static Optional<ConfusionReport> of(
      List<String> labels, PredictionOutput output, Calibration calibration) {
    if (!(output.labels() instanceof Labels.Ids)) {
      return Optional.empty();
    }
    float[][] logits = output.predictions();
    int[] ids = output.labelIds();
    return Optional.of(
        new ConfusionReport(
            labels,
            ClassificationMetrics.of(logits, ids, calibration),
            Reliability.of(logits, ids)));
  }

  /**
   * The metrics, `ece`, the expected calibration error, and of ham and spam `blocked_ham_rate`, the
   * part of the ham that is called spam, and `caught_spam_rate`, the part of the spam that is.
   */
  Map<String, Double> withRates(String prefix, Map<String, Double> values) {
    Map<String, Double> all = new LinkedHashMap<>(values);
    all.put(prefix + "ece", reliability.expectedCalibrationError());
    if (labels.equals(SmsSpamCollection.ID2LABEL)) {
      all.put(prefix + "blocked_ham_rate", metrics.falsePositiveRate());
      all.put(prefix + "caught_spam_rate", caughtSpamRate());
    }
    return all;
  }

  private double caughtSpamRate() {
    long caught = metrics.count(1, 1);
    long spam = caught + metrics.count(1, 0);
    return spam == 0 ? 0 : (double) caught / spam;
  }

  /** A row for each label, a column for each prediction. */
  void print(PrintWriter out) {
    List<String> names = labels.stream().map(Printable::line).toList();
    int width = Math.max(8, names.stream().mapToInt(String::length).max().orElse(0));
    String cell = "%" + (width + 2) + "s";
    out.printf("%-" + (width + 8) + "s", "confusion");
    names.forEach(name -> out.printf(cell, name));
    out.println("  (predicted)");
    long[][] counts = metrics.confusionMatrix();
    for (int i = 0; i < counts.length; i++) {
      out.printf("%-" + (width + 8) + "s", "  label " + names.get(i));
      for (long n : counts[i]) {
        out.printf(Locale.ROOT, cell, n);
      }
      out.println();
    }
  }
}
