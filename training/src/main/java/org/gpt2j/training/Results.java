package org.gpt2j.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.io.JsonFile;
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

  /** Columns: the text, its label, the predicted one, each class's probability. */
  static void savePredictions(
      Path dir, PredictionOutput output, List<String> labels, List<String> texts)
      throws IOException {
    if (texts.size() != output.labelIds().length) {
      throw new IllegalArgumentException(
          "texts: expected one for each of "
              + output.labelIds().length
              + " predictions, found "
              + texts.size());
    }
    AtomicFile.createDirectories(dir);
    List<String> header = new ArrayList<>(List.of("text", "label", "prediction"));
    labels.forEach(label -> header.add("probability_" + label));
    AtomicFile.write(
        dir.resolve(PREDICTIONS),
        channel -> {
          // Not closed: the channel is the caller's.
          CSVPrinter printer =
              new CSVPrinter(
                  Channels.newWriter(channel, StandardCharsets.UTF_8.newEncoder(), -1), CSV);
          printer.printRecord(header);
          for (int i = 0; i < output.labelIds().length; i++) {
            float[] logits = output.predictions()[i];
            List<Object> row = new ArrayList<>();
            row.add(texts.get(i));
            row.add(labels.get(output.labelIds()[i]));
            row.add(labels.get(Evaluation.argmax(logits)));
            for (double p : Evaluation.softmax(logits)) {
              row.add(p);
            }
            printer.printRecord(row);
          }
          printer.flush();
        });
  }
}
