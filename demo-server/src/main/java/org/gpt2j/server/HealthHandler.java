package org.gpt2j.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** {@code GET /health}: an answer shows that the server lives; 503 that it takes no requests. */
final class HealthHandler implements Handler {
  private final BooleanSupplier ready;

  HealthHandler(BooleanSupplier ready) {
    this.ready = ready;
  }

  @Override
  public void handle(Call call) throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    boolean isReady = ready.getAsBoolean();
    json.put("live", true).put("ready", isReady);
    call.sendJson(isReady ? 200 : 503, json);
  }
}
