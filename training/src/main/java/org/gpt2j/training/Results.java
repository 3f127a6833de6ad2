package org.gpt2j.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.ProblemType;
import org.gpt2j.training.calibration.Calibration;
import org.gpt2j.training.data.MultiLabel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files of metrics and predictions, with the names of transformers' example scripts. */
final class Results {
  private static final Logger LOG = LoggerFactory.getLogger(Results.class);
  private static final String ALL = "all_results.json";
  private static final String PREDICTIONS = "predictions.csv";
  private static final CSVFormat CSV = CSVFormat.RFC4180.builder().setRecordSeparator('\n').get();

  private Results() {}

  /** transformers' save_metrics. */
  static void saveMetrics(Path dir, String split, Map<String, Double> metrics) throws IOException {
    AtomicFile.createDirectories(dir);
    ObjectNode json = JsonFile.parse("{}");
    metrics.forEach(json::put);
    JsonFile.write(dir.resolve(split + "_results.json"), json);
    Path all = dir.resolve(ALL);
    JsonFile.write(all, readOrEmpty(all).setAll(json));
  }

  /** A damaged file of results must not cost those of the training that just ended. */
  private static ObjectNode readOrEmpty(Path file) {
    try {
      return Files.exists(file) ? JsonFile.read(file) : JsonFile.parse("{}");
    } catch (IOException e) {
      LOG.warn("begun anew: {}", e.getMessage());
      return JsonFile.parse("{}");
    }
  }

  /**
   * Columns: the text, its label, the predicted one, each class's probability, which a regression
   * has not. Several labels or numbers of a text have a {@code |} between them.
   *
   * @param labels names of the classes
   */
  static void savePredictions(
      Path dir,
      PredictionOutput output,
      ProblemType problemType,
      List<String> labels,
      List<String> texts)
      throws IOException {
    if (texts.size() != output.labels().size()) {
      throw new IllegalArgumentException(
          "texts: expected one for each of "
              + output.labels().size()
              + " predictions, found "
              + texts.size());
    }
    AtomicFile.createDirectories(dir);
    List<String> header = new ArrayList<>(List.of("text", "label", "prediction"));
    if (problemType != ProblemType.REGRESSION) {
      labels.forEach(label -> header.add("probability_" + label));
    }
    AtomicFile.write(
        dir.resolve(PREDICTIONS),
        channel -> {
          // Not closed: the channel is the caller's.
          CSVPrinter printer =
              new CSVPrinter(
                  Channels.newWriter(channel, StandardCharsets.UTF_8.newEncoder(), -1), CSV);
          printer.printRecord(header);
          for (int i = 0; i < texts.size(); i++) {
            float[] logits = output.predictions()[i];
            double[] scores = problemType.scores(logits);
            List<Object> row = new ArrayList<>();
            row.add(texts.get(i));
            switch (problemType) {
              case SINGLE_LABEL_CLASSIFICATION -> {
                row.add(labels.get(output.labelIds()[i]));
                row.add(labels.get(Calibration.argmax(logits)));
              }
              case MULTI_LABEL_CLASSIFICATION -> {
                row.add(holding(doubles(output.labels().values()[i]), labels));
                row.add(holding(scores, labels));
              }
              case REGRESSION -> {
                row.add(numbers(output.labels().values()[i]));
                row.add(numbers(logits));
              }
            }
            if (problemType != ProblemType.REGRESSION) {
              Arrays.stream(scores).forEach(row::add);
            }
            printer.printRecord(row);
          }
          printer.flush();
        });
  }

  private static String holding(double[] probabilities, List<String> labels) {
    return MultiLabel.format(MultiLabel.holding(probabilities, labels));
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static String numbers(float[] values) {
    return IntStream.range(0, values.length)
        .mapToObj(i -> Float.toString(values[i]))
        .collect(Collectors.joining(MultiLabel.SEPARATOR));
  }
}
