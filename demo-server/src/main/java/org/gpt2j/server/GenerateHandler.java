package org.gpt2j.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gpt2j.model.GenerationConfig;
import org.gpt2j.training.GeneratedText;

/** {@code POST /api/generate}: goes on with a text, as server-sent events. */
final class GenerateHandler implements Handler {
  static final String CONTENT_TYPE = "text/event-stream; charset=utf-8";

  /** Where neither a request nor the model says how many. */
  private static final int DEFAULT_NEW_TOKENS = 50;

  private static final Set<String> SAMPLING = Set.of("temperature", "top_k", "top_p", "seed");

  private static final Map<String, JsonValue> KEYS =
      Map.of(
          "prompt", JsonValue::text,
          "max_new_tokens", JsonValue::integer,
          "do_sample", JsonValue::flag,
          "temperature", JsonValue::number,
          "top_k", JsonValue::integer,
          "top_p", JsonValue::number,
          "seed", JsonValue::integer,
          "repetition_penalty", JsonValue::number,
          "stop", JsonValue.texts(Limits.STOPS));

  private final Generator generator;
  private final BodyReader bodies;
  private final int timeout;
  private final Metrics metrics;

  /**
   * @param generator null if there is no language model
   * @param timeout seconds to wait for the next piece
   */
  GenerateHandler(Generator generator, BodyReader bodies, int timeout, Metrics metrics) {
    this.generator = generator;
    this.bodies = bodies;
    this.timeout = timeout;
    this.metrics = metrics;
  }

  @Override
  public void handle(Call call) throws ApiException, IOException {
    JsonRequest request = JsonRequest.read(call, bodies, KEYS);
    if (generator == null) {
      throw new ApiException(
          ErrorCode.NO_LANGUAGE_MODEL, "The model has no language model beneath it.");
    }
    String prompt = request.text("prompt");
    if (prompt == null || prompt.isBlank()) {
      throw new ApiException(
          ErrorCode.EMPTY_TEXT, "prompt: expected a text, found none or an empty one.");
    }
    List<String> stops = request.texts("stop");
    try (Generator.Stream stream =
        generator.start(
            prompt,
            config(request, generator.defaults()),
            stops == null ? List.of() : checkStops(stops))) {
      send(call, stream);
    } catch (InterruptedException e) {
      throw new ApiException(ErrorCode.SHUTTING_DOWN, "The server is about to end.");
    }
  }

  private static List<String> checkStops(List<String> stops) throws ApiException {
    if (stops.contains("")) {
      throw new ApiException(ErrorCode.EMPTY_TEXT, "stop: expected texts, found an empty one.");
    }
    return stops;
  }

  /** The model's own, and over it what the request says. */
  private static GenerationConfig config(JsonRequest request, GenerationConfig own)
      throws ApiException {
    boolean doSample = request.has("do_sample") ? request.flag("do_sample") : own.doSample();
    for (String key : SAMPLING) {
      if (request.has(key) && !doSample) {
        throw JsonRequest.invalid(
            key + ": expected \"do_sample\": true beside it, found greedy decoding.");
      }
    }
    GenerationConfig.Builder builder = own.toBuilder().doSample(doSample);
    if (request.has("max_new_tokens") || !own.limitsLength()) {
      builder.maxNewTokens(
          integer(request, "max_new_tokens", DEFAULT_NEW_TOKENS, 1, Limits.NEW_TOKENS));
    }
    builder.topK(integer(request, "top_k", own.topK(), 0, Integer.MAX_VALUE));
    builder.temperature(factor(request, "temperature", own.temperature()));
    builder.repetitionPenalty(factor(request, "repetition_penalty", own.repetitionPenalty()));
    Double topP = request.number("top_p");
    Long seed = request.integer("seed");
    try {
      return builder
          .topP(topP == null ? own.topP() : topP)
          .seed(seed == null ? own.seed() : seed)
          .build();
    } catch (IllegalArgumentException e) {
      throw JsonRequest.invalid(e.getMessage() + ".");
    }
  }

  /** What logits are divided by or multiplied with: beyond these bounds they would overflow. */
  private static double factor(JsonRequest request, String key, double absent) throws ApiException {
    Double value = request.number(key);
    if (value != null && !(value >= 0.01 && value <= 100)) {
      throw JsonRequest.invalid(key + ": expected 0.01 to 100, found " + value + ".");
    }
    return value == null ? absent : value;
  }

  private static int integer(JsonRequest request, String key, int absent, int min, int max)
      throws ApiException {
    Long value = request.integer(key);
    if (value != null && (value < min || value > max)) {
      throw JsonRequest.invalid("%s: expected %s to %s, found %s.".formatted(key, min, max, value));
    }
    return value == null ? absent : value.intValue();
  }

  /** Nothing is sent before the first event, which may be a failure that has a status. */
  private void send(Call call, Generator.Stream stream)
      throws ApiException, IOException, InterruptedException {
    Generator.Event event = stream.next(timeout);
    if (event == null) {
      throw new ApiException(
          ErrorCode.ANSWER_TIMEOUT,
          "The model had no time for the request within " + timeout + " seconds.");
    }
    if (event.failure() instanceof IllegalArgumentException e) {
      throw JsonRequest.invalid(e.getMessage() + ".");
    }
    if (event.failure() != null) {
      throw new IllegalStateException("the language model has failed", event.failure());
    }
    try (OutputStream out = call.stream(CONTENT_TYPE)) {
      while (event != null && event.piece() != null) {
        write(out, "piece", text(event.piece()));
        event = stream.next(timeout);
      }
      if (event == null) {
        write(out, "error", Call.error(ErrorCode.ANSWER_TIMEOUT, "The model takes too long."));
      } else if (event.failure() != null) {
        write(out, "error", Call.error(ErrorCode.INTERNAL_ERROR, "The language model has failed."));
      } else {
        GeneratedText result = event.result();
        metrics.generated(result.tokenIds().length);
        write(out, "done", text(result.text()).put("tokens", result.tokenIds().length));
      }
    }
  }

  private static ObjectNode text(String text) {
    return JsonNodeFactory.instance.objectNode().put("text", text);
  }

  private static void write(OutputStream out, String event, ObjectNode data) throws IOException {
    // JSON on one line has no line break that would end the event.
    String lines = "event: " + event + "\ndata: " + data + "\n\n";
    out.write(lines.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
