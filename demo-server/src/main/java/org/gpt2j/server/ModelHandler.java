package org.gpt2j.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.Backend;

/** {@code GET /api/model}: what answers, and what may be asked. */
final class ModelHandler implements Handler {
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();

  ModelHandler(ServedModel model) {
    json.put("name", model.name());
    // A base may be named by its directory, of which only the name is told.
    json.put("base", model.base() == null ? null : lastPart(model.base()));
    model.classifier().labels().forEach(json.putArray("labels")::add);
    ProblemType type = model.classifier().problemType();
    if (type != ProblemType.SINGLE_LABEL_CLASSIFICATION) {
      json.put("problem_type", type.toString());
    }
    ClassifyHandler.putThreshold(
        json, model.classifier().calibration(), model.classifier().labels());
    json.put("generate", model.languageModel() != null);
    json.put("n_layer", model.config().nLayer());
    json.put("n_embd", model.config().nEmbd());
    json.put("vocab_size", model.config().vocabSize());
    json.put("max_tokens", model.classifier().maxLength());
    json.put("weights", model.weights().name());
    json.put("backend", Backend.describe());
    ObjectNode limits = json.putObject("limits");
    limits.put("body_bytes", Limits.BODY_BYTES);
    limits.put("texts", Limits.TEXTS);
    limits.put("characters", Limits.CHARACTERS);
    limits.put("fields", Limits.FIELDS);
    limits.put("explained_parts", Limits.EXPLAINED_PARTS);
    limits.put("max_new_tokens", Limits.NEW_TOKENS);
    limits.put("stops", Limits.STOPS);
  }

  private static String lastPart(String base) {
    Path path = Path.of(base);
    return path.isAbsolute() ? String.valueOf(path.getFileName()) : base;
  }

  @Override
  public void handle(Call call) throws IOException {
    call.sendJson(200, json);
  }
}
