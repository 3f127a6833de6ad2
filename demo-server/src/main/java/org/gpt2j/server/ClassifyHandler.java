package org.gpt2j.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.gpt2j.model.ProblemType;
import org.gpt2j.training.Classification;
import org.gpt2j.training.EncodedText;
import org.gpt2j.training.TextClassifier;
import org.gpt2j.training.calibration.Calibration;

/** {@code POST /api/classify}: {"text": ..., "explain": false} or {"texts": [...]}. */
final class ClassifyHandler implements Handler {
  private static final Map<String, JsonValue> KEYS =
      Map.of(
          "text", JsonValue::text,
          "texts", JsonValue.texts(Limits.TEXTS),
          "explain", JsonValue::flag);

  private final TextClassifier classifier;

  /** Asked for once: the classifier gives them out when it does not compute only. */
  private final List<String> labels;

  private final BatchingClassifier batches;
  private final BodyReader bodies;
  private final int timeout;

  /**
   * @param timeout seconds to wait for the model
   */
  ClassifyHandler(
      TextClassifier classifier, BatchingClassifier batches, BodyReader bodies, int timeout) {
    this.classifier = classifier;
    this.labels = classifier.labels();
    this.batches = batches;
    this.bodies = bodies;
    this.timeout = timeout;
  }

  @Override
  public void handle(Call call) throws ApiException, IOException {
    call.sendJson(200, answer(JsonRequest.read(call, bodies, KEYS), call.memory()));
  }

  /** Answers a request of its own as it would answer any. */
  void ask(RequestMemory.Share memory) throws ApiException, IOException {
    byte[] body = "{\"text\": \"test\"}".getBytes(StandardCharsets.UTF_8);
    answer(JsonRequest.parse(new ByteArrayInputStream(body), KEYS), memory);
  }

  private ObjectNode answer(JsonRequest request, RequestMemory.Share memory) throws ApiException {
    if (request.has("text") == request.has("texts")) {
      throw JsonRequest.invalid(
          "expected either text or texts, found " + (request.has("text") ? "both." : "neither."));
    }
    boolean explain = request.flag("explain");
    if (request.has("text")) {
      return one(request.text("text"), explain, memory);
    }
    if (explain) {
      throw JsonRequest.invalid("explain: expected it beside text, found it beside texts.");
    }
    return many(request.texts("texts"), memory);
  }

  private ObjectNode one(String text, boolean explain, RequestMemory.Share memory)
      throws ApiException {
    memory.take(heap(text.length()));
    if (explain) {
      memory.take(Explanation.mostVariants(text) * heap(text.length() / 2));
    }
    EncodedText encoded = encode("text", text);
    List<EncodedText> all = new ArrayList<>(List.of(encoded));
    Explanation explanation = explain ? new Explanation(text, classifier, labels) : null;
    if (explain) {
      all.addAll(explanation.variants());
    }
    List<Classification> results = classify(all);
    ObjectNode json = toJson(results.get(0), encoded);
    if (explain) {
      json.set(
          "explanation", explanation.toJson(results.get(0), results.subList(1, results.size())));
    }
    return json;
  }

  private ObjectNode many(List<String> texts, RequestMemory.Share memory) throws ApiException {
    memory.take(texts.stream().mapToLong(text -> heap(text.length())).sum());
    List<EncodedText> encoded = new ArrayList<>();
    for (String text : texts) {
      encoded.add(encode("texts[" + encoded.size() + "]", text));
    }
    List<Classification> results = encoded.isEmpty() ? List.of() : classify(encoded);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode array = json.putArray("results");
    for (int i = 0; i < results.size(); i++) {
      array.add(toJson(results.get(i), encoded.get(i)));
    }
    return json;
  }

  /**
   * Bytes that a text of so many characters comes to in the end: itself, its tokens (of which three
   * can stand for one character), and of each label a number and a member of the answer.
   */
  private long heap(int characters) {
    long tokens = Math.min(classifier.maxLength(), 3L * characters);
    return 100 + 2L * characters + 4 * tokens + 100L * labels.size();
  }

  private EncodedText encode(String key, String text) throws ApiException {
    ApiException empty =
        new ApiException(ErrorCode.EMPTY_TEXT, key + ": expected a text, found an empty one.");
    if (text.isBlank()) {
      throw empty;
    }
    return classifier.encode(text).orElseThrow(() -> empty);
  }

  private List<Classification> classify(List<EncodedText> texts) throws ApiException {
    CompletableFuture<List<Classification>> future = batches.submit(texts);
    try {
      return future.get(timeout, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the model has failed", e.getCause());
    } catch (TimeoutException e) {
      throw new ApiException(
          ErrorCode.ANSWER_TIMEOUT,
          "The model had no time for the request within " + timeout + " seconds.");
    } catch (InterruptedException e) {
      throw new ApiException(ErrorCode.SHUTTING_DOWN, "The server is about to end.");
    } finally {
      future.cancel(false);
    }
  }

  private ObjectNode toJson(Classification c, EncodedText text) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("label", c.label()).put("score", c.score());
    if (c.problemType() == ProblemType.MULTI_LABEL_CLASSIFICATION) {
      c.labels().forEach(json.putArray("labels")::add);
    }
    putThreshold(json, classifier.calibration(), labels);
    boolean values = c.problemType() == ProblemType.REGRESSION;
    c.scores().forEach(json.putObject(values ? "values" : "probabilities")::put);
    return json.put("tokens", c.tokenIds().length).put("truncated", text.truncated());
  }

  /** From which probability of which label on a text gets it, where the model has a threshold. */
  static void putThreshold(ObjectNode json, Calibration calibration, List<String> labels) {
    calibration
        .threshold()
        .ifPresent(
            probability ->
                json.putObject("threshold")
                    .put("label", labels.get(1))
                    .put("probability", probability));
  }
}
