package org.gpt2j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gpt2j.io.JsonFile;

/** Calls a chain of callbacks with the state and the control of one trainer. */
final class CallbackHandler {
  private static final String CONTROL = "TrainerControl";

  private final List<TrainerCallback> callbacks = new ArrayList<>();
  private final TrainingArguments args;
  private final TrainerControl control = new TrainerControl();

  /** An event without values of its own. */
  @FunctionalInterface
  interface Event {
    void tell(
        TrainerCallback callback,
        TrainingArguments args,
        TrainerState state,
        TrainerControl control)
        throws IOException;
  }

  /** An event with metrics or a row of the log. */
  @FunctionalInterface
  interface ValuesEvent {
    void tell(
        TrainerCallback callback,
        TrainingArguments args,
        TrainerState state,
        TrainerControl control,
        Map<String, Double> values)
        throws IOException;
  }

  CallbackHandler(TrainingArguments args) {
    this.args = args;
  }

  void add(TrainerCallback callback) {
    callbacks.add(callback);
  }

  void remove(TrainerCallback callback) {
    callbacks.remove(callback);
  }

  TrainerControl control() {
    return control;
  }

  void fire(TrainerState state, Event event) {
    fire(state, null, (c, a, s, ctl, values) -> event.tell(c, a, s, ctl));
  }

  void fire(TrainerState state, Map<String, Double> values, ValuesEvent event) {
    for (TrainerCallback callback : List.copyOf(callbacks)) {
      try {
        event.tell(callback, args, state, control, values);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** transformers' stateful_callbacks; a list where a class is there more than once. */
  ObjectNode stateful() {
    ObjectNode json = JsonFile.parse("{}");
    for (TrainerCallback callback : callbacks) {
      ObjectNode own = callback.state();
      String name = callback.getClass().getSimpleName();
      if (own != null && !json.has(name)) {
        json.set(name, own);
      } else if (own != null) {
        JsonNode before = json.get(name);
        if (before.isArray()) {
          ((ArrayNode) before).add(own);
        } else {
          json.putArray(name).add(before).add(own);
        }
      }
    }
    json.set(CONTROL, control.toJson());
    return json;
  }

  /** Gives every callback what {@link #stateful} took from it. */
  void restore(JsonNode stateful) {
    Map<String, Integer> seen = new HashMap<>();
    for (TrainerCallback callback : callbacks) {
      String name = callback.getClass().getSimpleName();
      JsonNode own = stateful.path(name);
      if (own.isArray()) {
        own = own.path(seen.merge(name, 1, Integer::sum) - 1);
      }
      if (own.isObject()) {
        callback.restore(own);
      }
    }
  }
}
