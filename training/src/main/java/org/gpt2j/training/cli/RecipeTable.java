package org.gpt2j.training.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gpt2j.io.JsonFile;

/** Scores of several classifiers over several runs: mean and spread. */
final class RecipeTable {
  private static final List<String> COLUMNS = List.of("accuracy", "f1", "mcc");
  private static final String PREFIX = "test_";

  /** What each run's metrics must have. */
  static final List<String> KEYS = COLUMNS.stream().map(column -> PREFIX + column).toList();

  private final Map<String, List<Map<String, Double>>> runs = new LinkedHashMap<>();

  /** Adds a run's metrics, with the prefix `test_`. */
  void add(String classifier, Map<String, Double> metrics) {
    runs.computeIfAbsent(classifier, key -> new ArrayList<>()).add(metrics);
  }

  private double[] values(String classifier, String column) {
    return runs.get(classifier).stream().mapToDouble(m -> m.get(PREFIX + column)).toArray();
  }

  private static double mean(double[] x) {
    double sum = 0;
    for (double v : x) {
      sum += v;
    }
    return sum / x.length;
  }

  /** Sample standard deviation; 0 of one run. */
  private static double deviation(double[] x) {
    double mean = mean(x);
    double sum = 0;
    for (double v : x) {
      sum += (v - mean) * (v - mean);
    }
    return x.length < 2 ? 0 : Math.sqrt(sum / (x.length - 1));
  }

  /** A row a classifier: mean ± standard deviation. */
  String markdown() {
    StringBuilder table = new StringBuilder("| classifier | runs | accuracy | F1 | MCC |\n");
    table.append("|---|---|---|---|---|\n");
    for (String classifier : runs.keySet()) {
      table.append("| ").append(classifier).append(" | ").append(runs.get(classifier).size());
      for (String column : COLUMNS) {
        double[] x = values(classifier, column);
        table.append(String.format(Locale.ROOT, " | %.4f ± %.4f", mean(x), deviation(x)));
      }
      table.append(" |\n");
    }
    return table.toString();
  }

  /** Every run, and the means and deviations. */
  ObjectNode toJson() {
    ObjectNode json = JsonFile.parse("{}");
    for (String classifier : runs.keySet()) {
      ObjectNode own = json.putObject(classifier);
      ArrayNode each = own.putArray("runs");
      for (Map<String, Double> metrics : runs.get(classifier)) {
        ObjectNode row = each.addObject();
        metrics.forEach(row::put);
      }
      for (String column : COLUMNS) {
        double[] x = values(classifier, column);
        own.putObject(column).put("mean", mean(x)).put("standard_deviation", deviation(x));
      }
    }
    return json;
  }
}
