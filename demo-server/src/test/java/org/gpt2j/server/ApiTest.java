package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import org.gpt2j.io.JsonFile;
import org.gpt2j.training.Classification;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every route answers when all is well. */
class ApiTest {
  @TempDir static Path directory;
  private static ServedModel model;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    model = TestModel.load(TestModel.saveAdapter(directory));
    server = new TestServer(TestServer.options(), model);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  static void assertSame(JsonNode actual, Classification expected) {
    assertThat(actual.path("label").asText()).isEqualTo(expected.label());
    assertThat(actual.path("score").asDouble()).isCloseTo(expected.score(), within(1e-5));
    double[] p = expected.probabilities();
    assertThat(actual.path("probabilities").path("ham").asDouble()).isCloseTo(p[0], within(1e-5));
    assertThat(actual.path("probabilities").path("spam").asDouble()).isCloseTo(p[1], within(1e-5));
    assertThat(actual.path("tokens").asInt()).isEqualTo(expected.tokenIds().length);
  }

  @Test
  void classifiesATextAsTheLibraryDoes() throws Exception {
    String text = "WIN a prize now! \u00e9\ud83d\ude00 <b>&amp;</b>";
    ObjectNode answer = server.classify(TestServer.text(text));
    assertSame(answer, model.classifier().classify(text));
    assertThat(answer.path("truncated").booleanValue()).isFalse();
    assertThat(answer.has("explanation")).isFalse();
  }

  @Test
  void classifiesManyTextsInTheirOrder() throws Exception {
    List<String> texts = TestModel.texts(Limits.TEXTS);
    JsonNode results = server.classify(TestServer.texts(texts)).path("results");
    List<Classification> expected = model.classifier().classify(texts);
    assertThat(results).hasSize(Limits.TEXTS);
    for (int i = 0; i < texts.size(); i++) {
      assertSame(results.get(i), expected.get(i));
    }
    assertThat(expected.stream().map(Classification::label).distinct()).hasSize(2);
    assertThat(server.classify(TestServer.texts(List.of())).path("results")).isEmpty();
  }

  @Test
  void saysThatATextWasCut() throws Exception {
    ObjectNode answer = server.classify(TestServer.text("see you ".repeat(100)));
    assertThat(answer.path("truncated").booleanValue()).isTrue();
    assertThat(answer.path("tokens").asInt()).isEqualTo(48);
  }

  @Test
  void explainsByLeavingWordsOut() throws Exception {
    String text = "WIN a  prize\nnow!";
    ObjectNode answer = server.classify(TestServer.text(text).put("explain", true));
    List<String> words = List.of("WIN", "a", "prize", "now!");
    JsonNode parts = answer.path("explanation");
    assertThat(parts).hasSize(4);
    for (int i = 0; i < 4; i++) {
      JsonNode part = parts.get(i);
      assertThat(part.path("word").asText()).isEqualTo(words.get(i));
      assertThat(text.substring(part.path("start").asInt(), part.path("end").asInt()))
          .isEqualTo(words.get(i));
      double expected = 0;
      for (BitSet half : Explanation.halves(4)) {
        half.set(i);
        expected += logOdds(answer.path("label").asText(), join(words, half)) / 4;
        half.clear(i);
        expected -= logOdds(answer.path("label").asText(), join(words, half)) / 4;
      }
      assertThat(part.path("weight").asDouble()).isCloseTo(expected, within(1e-4));
    }
  }

  private static String join(List<String> words, BitSet kept) {
    return kept.stream().mapToObj(words::get).collect(Collectors.joining(" "));
  }

  private static double logOdds(String label, String text) {
    Classification c = model.classifier().classify(text);
    double p = c.label().equals(label) ? c.score() : 1 - c.score();
    return Math.log(p / (1 - p));
  }

  @Test
  void aLoneWordsWeightIsAllThereIs() throws Exception {
    ObjectNode answer = server.classify(TestServer.text("prize").put("explain", true));
    assertThat(answer.path("explanation")).hasSize(1);
    double p = answer.path("score").asDouble();
    assertThat(answer.path("explanation").get(0).path("weight").asDouble())
        .isCloseTo(Math.log(p / (1 - p)), within(1e-4));
  }

  @Test
  void explainsLongTextsInParts() throws Exception {
    String text = "word ".repeat(500);
    ObjectNode answer = server.classify(TestServer.text(text).put("explain", true));
    JsonNode parts = answer.path("explanation");
    assertThat(parts.size()).isBetween(Limits.EXPLAINED_PARTS / 2, Limits.EXPLAINED_PARTS);
    assertThat(parts.get(0).path("start").asInt()).isZero();
    assertThat(parts.get(parts.size() - 1).path("end").asInt()).isEqualTo(text.length() - 1);
  }

  @Test
  void tellsOfItsModel() throws Exception {
    ObjectNode json = JsonFile.parse(server.get("/api/model").body());
    assertThat(json.path("name").asText()).isEqualTo("adapter");
    assertThat(json.path("base").asText()).isEqualTo("base");
    assertThat(json.path("labels")).extracting(JsonNode::asText).containsExactly("ham", "spam");
    assertThat(json.path("generate").booleanValue()).isTrue();
    assertThat(json.path("max_tokens").asInt()).isEqualTo(48);
    assertThat(json.path("limits").path("texts").asInt()).isEqualTo(Limits.TEXTS);
  }

  @Test
  void isHealthy() throws Exception {
    HttpResponse<String> response = server.get("/health");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("{\"live\":true,\"ready\":true}");
  }

  @Test
  void countsWhatItDoes() throws Exception {
    String classified = "route=\"/api/classify\",method=\"POST\",status=\"200\"";
    double before = server.metric("gpt2j_http_requests_total", classified);
    double tokens = server.metric("gpt2j_batch_tokens_sum", "");
    ObjectNode answer = server.classify(TestServer.text("see you at home"));
    // A request is counted when its answer has been sent, which may be after it was read.
    TestServer.await(() -> server.metric("gpt2j_http_requests_total", classified) == before + 1);
    assertThat(server.metric("gpt2j_batch_tokens_sum", "") - tokens)
        .isEqualTo(answer.path("tokens").asInt());
    assertThat(server.metric("gpt2j_http_request_duration_seconds_count", "/api/classify"))
        .isGreaterThanOrEqualTo(before + 1);
    assertThat(server.metric("gpt2j_batch_texts_count", "")).isPositive();
    assertThat(server.metric("jvm_memory_used_bytes", "area=\"heap\"")).isGreaterThan(1e6);
    assertThat(server.metric("gpt2j_queue_texts", "")).isZero();
    assertThat(server.metric("gpt2j_http_requests_in_flight", "")).isPositive();
  }

  /** Each line is a comment or a sample; each sample has its family's head before it. */
  @Test
  void metricsAreInPrometheusFormat() throws Exception {
    server.classify(TestServer.text("see you"));
    HttpResponse<String> response = server.get("/metrics");
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    String family = "";
    for (String line : response.body().split("\n")) {
      if (line.startsWith("# TYPE ")) {
        family = line.split(" ")[2];
      } else if (!line.startsWith("# HELP ")) {
        assertThat(line).startsWith(family);
        assertThat(line).matches("[a-z0-9_]+(\\{\\w+=\"[^\"]*\"(,\\w+=\"[^\"]*\")*})? [-+0-9.E]+");
      }
    }
    assertThat(response.body()).endsWith("\n");
  }

  @Test
  void sendsThePage() throws Exception {
    HttpResponse<String> page = server.get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
    assertThat(page.body()).isEqualTo(server.get("/index.html").body()).contains("<html");
    String etag = page.headers().firstValue("ETag").orElseThrow();
    HttpRequest again = server.request("/").header("If-None-Match", etag).build();
    HttpResponse<String> unchanged = server.send(again);
    assertThat(unchanged.statusCode()).isEqualTo(304);
    assertThat(unchanged.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/health",
        "/api/model",
        "/metrics",
        "/openapi.json",
        "/nothing",
        "/api/classify"
      })
  void everyAnswerHasTheSecurityHeaders(String path) throws Exception {
    var headers = server.get(path).headers();
    assertThat(headers.firstValue("Content-Security-Policy"))
        .hasValueSatisfying(
            csp ->
                assertThat(csp)
                    .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe"));
    assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(headers.firstValue("Referrer-Policy")).hasValue("no-referrer");
    assertThat(headers.map().keySet())
        .noneMatch(name -> name.toLowerCase().startsWith("access-control-"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/health", "/api/model", "/openapi.json", "/nothing"})
  void headIsGetWithoutTheBody(String path) throws Exception {
    HttpResponse<String> get = server.get(path);
    HttpResponse<String> head =
        server.send(
            server.request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()).build());
    assertThat(head.statusCode()).isEqualTo(get.statusCode());
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Length"))
        .isEqualTo(get.headers().firstValue("Content-Length"));
  }
}
