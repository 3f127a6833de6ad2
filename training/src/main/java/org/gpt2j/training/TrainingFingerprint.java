package org.gpt2j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.IntStream;
import org.gpt2j.io.Digest;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.nn.Backend;
import org.gpt2j.nn.Labels;
import org.gpt2j.nn.Parameter;

/**
 * What is not among the arguments but must be the same for a training to go on: the training
 * examples (of others some may be among the test messages now), the frozen weights, the loss, what
 * is adapted, the dropout.
 */
final class TrainingFingerprint {
  private TrainingFingerprint() {}

  static ObjectNode of(Trainer trainer) {
    Gpt2Config config = trainer.model().config();
    ObjectNode json = JsonFile.parse("{}");
    json.put("train_examples", trainer.trainData().size());
    json.put("train_data", sha256(trainer.trainData()));
    json.put("frozen_weights", frozenWeights(trainer));
    json.put("adapter", trainer.saver().describe());
    json.put("dropout", config.embdPdrop() + " " + config.attnPdrop() + " " + config.residPdrop());
    if (trainer.model() instanceof Gpt2ForSequenceClassification classifier) {
      json.put("loss", classifier.loss().toString());
    }
    return json;
  }

  /** The sum of their squares: another base gives another. */
  private static double frozenWeights(Trainer trainer) {
    double sum = 0;
    for (Parameter p : trainer.model().parameters()) {
      if (!p.requiresGrad()) {
        sum += Backend.kernels(p.value().dataType()).sumOfSquares(p.value());
      }
    }
    return sum;
  }

  private static String sha256(TrainingData data) {
    MessageDigest digest = Digest.of("SHA-256");
    if (data.stages().length > 1) {
      update(digest, data.stages());
    }
    for (int i = 0; i < data.size(); i++) {
      int[] index = {i};
      update(digest, data.inputIds(i));
      Labels labels = data.targets(data.batch(index), index);
      if (labels instanceof Labels.Values values) {
        for (float[] row : values.values()) {
          update(
              digest,
              IntStream.range(0, row.length).map(c -> Float.floatToIntBits(row[c])).toArray());
        }
      } else {
        update(digest, labels.ids());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, int[] values) {
    ByteBuffer bytes = ByteBuffer.allocate((values.length + 1) * Integer.BYTES);
    bytes.putInt(values.length);
    for (int v : values) {
      bytes.putInt(v);
    }
    digest.update(bytes.array());
  }

  /**
   * @param checkpoint named in the message
   * @throws IOException saying what is another now
   */
  static void requireSame(ObjectNode now, JsonNode before, Path checkpoint) throws IOException {
    for (Map.Entry<String, JsonNode> e : now.properties()) {
      String old = before.path(e.getKey()).asText();
      if (!old.equals(e.getValue().asText())) {
        throw new IOException(
            String.format(
                "%s: cannot go on from it: expected the %s that it was trained with (%s), found %s",
                checkpoint, e.getKey(), old, e.getValue().asText()));
      }
    }
  }
}
