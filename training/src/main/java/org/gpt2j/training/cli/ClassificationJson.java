package org.gpt2j.training.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import org.gpt2j.training.Classification;

/**
 * A result as one line of JSON: text, label, score, logits, token_ids. Before the logits, where a
 * calibration has changed them, the probabilities of all classes; where each holds or not, the
 * labels that do and the probabilities; of a regression the values.
 */
final class ClassificationJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ClassificationJson() {}

  /** A text that is empty: it has no label and no score. */
  static String empty(String text) throws JsonProcessingException {
    return MAPPER.writeValueAsString(
        MAPPER.createObjectNode().put("text", text).putNull("label").putNull("score"));
  }

  static String line(Classification c) throws JsonProcessingException {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("text", c.text());
    node.put("label", c.label());
    node.put("score", c.score());
    switch (c.problemType()) {
      case SINGLE_LABEL_CLASSIFICATION -> {
        // Else the logits say it all, and programs know these keys.
        if (!Arrays.equals(c.problemType().scores(c.logits()), c.probabilities())) {
          c.scores().forEach(node.putObject("probabilities")::put);
        }
      }
      case MULTI_LABEL_CLASSIFICATION -> {
        c.labels().forEach(node.putArray("labels")::add);
        c.scores().forEach(node.putObject("probabilities")::put);
      }
      case REGRESSION -> c.scores().forEach(node.putObject("values")::put);
    }
    ArrayNode logits = node.putArray("logits");
    for (float l : c.logits()) {
      logits.add(l);
    }
    ArrayNode ids = node.putArray("token_ids");
    for (int id : c.tokenIds()) {
      ids.add(id);
    }
    return MAPPER.writeValueAsString(node);
  }
}
