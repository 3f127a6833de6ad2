package org.gpt2j.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** {@code GET /health}: whether the server lives, and 503 where it takes no requests. */
final class HealthHandler implements Handler {
  private final Readiness readiness;

  HealthHandler(Readiness readiness) {
    this.readiness = readiness;
  }

  @Override
  public void handle(Call call) throws IOException {
    Readiness.State state = readiness.check();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("live", state.live()).put("ready", state.ready());
    if (!state.ready()) {
      json.put("reason", state.trouble());
    }
    call.sendJson(state.ready() ? 200 : 503, json);
  }
}
