package org.gpt2j.training.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.gpt2j.training.Classification;

/** A result as one line of JSON. */
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
