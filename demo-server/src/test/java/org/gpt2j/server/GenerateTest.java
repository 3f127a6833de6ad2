package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.GenerationConfig;
import org.gpt2j.training.GeneratedText;
import org.gpt2j.training.TextGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GenerateTest {
  @TempDir static Path directory;
  private static TestServer server;
  private static TextGenerator generator;

  @BeforeAll
  static void start() throws Exception {
    ServedModel model = TestModel.load(TestModel.saveAdapter(directory));
    server = new TestServer(TestServer.options(), model);
    generator = TextGenerator.load(directory.resolve("base").toString(), null);
  }

  @AfterAll
  static void stop() {
    server.close();
    generator.close();
  }

  private record Event(String name, ObjectNode data) {}

  private static List<Event> events(String body) {
    List<Event> events = new ArrayList<>();
    for (String event : body.split("\n\n")) {
      assertThat(event).matches("event: \\w+\ndata: \\{[^\n]*}");
      String[] lines = event.split("\n");
      events.add(
          new Event(
              lines[0].substring("event: ".length()),
              JsonFile.parse(lines[1].substring("data: ".length()))));
    }
    return events;
  }

  private static void check(String request, GeneratedText expected) throws Exception {
    check(server, request, expected);
  }

  private static void check(TestServer server, String request, GeneratedText expected)
      throws Exception {
    HttpResponse<String> response = server.post("/api/generate", request);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValue("text/event-stream; charset=utf-8");
    List<Event> events = events(response.body());
    Event last = events.remove(events.size() - 1);
    assertThat(last.name()).isEqualTo("done");
    assertThat(last.data().path("text").asText()).isEqualTo(expected.text());
    assertThat(last.data().path("tokens").asInt()).isEqualTo(expected.tokenIds().length);
    assertThat(events).extracting(Event::name).containsOnly("piece");
    StringBuilder pieces = new StringBuilder();
    events.forEach(event -> pieces.append(event.data().path("text").asText()));
    assertThat(pieces.toString()).isEqualTo(expected.text()).isNotEmpty();
  }

  @Test
  void streamsWhatTheLibrarySays() throws Exception {
    check(
        "{\"prompt\": \"see you\", \"max_new_tokens\": 12}",
        generator.generate("see you", GenerationConfig.builder().maxNewTokens(12).build()));
  }

  /** What a request leaves out is as the base's generation_config.json says. */
  @Test
  void obeysTheFilesOfTheModel(@TempDir Path other) throws Exception {
    Path adapter = TestModel.saveAdapter(other);
    Path file = other.resolve("base/generation_config.json");
    Files.writeString(
        file, "{\"max_new_tokens\": 6, \"do_sample\": true, \"top_k\": 9, \"temperature\": 2.0}");
    try (TestServer own = new TestServer(TestServer.options(), TestModel.load(adapter));
        TextGenerator library = TextGenerator.load(other.resolve("base").toString(), null)) {
      GenerationConfig config = library.generationConfig();
      check(own, "{\"prompt\": \"see you\"}", library.generate("see you", config));
      check(
          own,
          "{\"prompt\": \"see you\", \"top_k\": 20, \"seed\": 3, \"max_new_tokens\": 9}",
          library.generate("see you", config.toBuilder().topK(20).seed(3).maxNewTokens(9).build()));
      check(
          own,
          "{\"prompt\": \"see you\", \"do_sample\": false}",
          library.generate("see you", config.toBuilder().doSample(false).build()));
      assertThat(
              TestServer.errorCode(
                  own.post(
                      "/api/generate", "{\"prompt\": \"a\", \"do_sample\": false, \"top_k\": 2}")))
          .isEqualTo(ErrorCode.INVALID_REQUEST.code());
    }
    // What cannot be obeyed keeps the model from generating, not from classifying.
    Files.writeString(file, "{\"num_beams\": 4}");
    try (TestServer own = new TestServer(TestServer.options(), TestModel.load(adapter))) {
      assertThat(TestServer.errorCode(own.post("/api/generate", "{\"prompt\": \"a\"}")))
          .isEqualTo(ErrorCode.NO_LANGUAGE_MODEL.code());
      assertThat(own.post("/api/classify", TestServer.text("a").toString()).statusCode())
          .isEqualTo(200);
    }
  }

  static Stream<Arguments> ownLimits() {
    return Stream.of(
        Arguments.of("{\"max_new_tokens\": 300}", Limits.NEW_TOKENS),
        Arguments.of("{\"max_length\": 320}", Limits.NEW_TOKENS),
        Arguments.of("{\"max_length\": 320, \"max_new_tokens\": 30}", 30),
        // The prompt has 50 tokens.
        Arguments.of("{\"max_length\": 300}", 250),
        Arguments.of("{\"max_length\": 60}", 10));
  }

  /** What the server gives at most holds for the model's own numbers too. */
  @ParameterizedTest
  @MethodSource("ownLimits")
  void noLimitOfTheModelIsAboveTheServers(String file, int tokens, @TempDir Path other)
      throws Exception {
    Path adapter = TestModel.saveAdapter(other, 330);
    Files.writeString(other.resolve("base/generation_config.json"), file);
    try (TestServer own = new TestServer(TestServer.options(), TestModel.load(adapter));
        TextGenerator library = TextGenerator.load(other.resolve("base").toString(), null)) {
      String prompt = "x".repeat(50);
      GenerationConfig config = library.generationConfig();
      assertThat(library.countTokens(prompt, config)).isEqualTo(50);
      check(
          own,
          "{\"prompt\": \"" + prompt + "\"}",
          library.generate(prompt, config.toBuilder().maxNewTokens(tokens).build()));
      String more = "{\"prompt\": \"a\", \"max_new_tokens\": 257}";
      assertThat(TestServer.errorCode(own.post("/api/generate", more)))
          .isEqualTo(ErrorCode.INVALID_REQUEST.code());
    }
  }

  @Test
  void drawsWhatTheLibraryDraws() throws Exception {
    GenerationConfig config =
        GenerationConfig.builder()
            .maxNewTokens(20)
            .doSample(true)
            .temperature(1.5)
            .topK(20)
            .topP(.9)
            .seed(7)
            .repetitionPenalty(1.2)
            .build();
    check(
        """
        {"prompt": "see you", "max_new_tokens": 20, "do_sample": true, "temperature": 1.5,
         "top_k": 20, "top_p": 0.9, "seed": 7, "repetition_penalty": 1.2}""",
        generator.generate("see you", config));
  }

  static Stream<Arguments> requests() {
    return Stream.of(
        Arguments.of("{}", ErrorCode.EMPTY_TEXT),
        Arguments.of("{\"prompt\": \" \"}", ErrorCode.EMPTY_TEXT),
        Arguments.of("{\"prompt\": 1}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"prompt\": \"a\", \"n\": 1}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"prompt\": \"a\", \"max_new_tokens\": 0}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"prompt\": \"a\", \"max_new_tokens\": 257}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"prompt\": \"a\", \"max_new_tokens\": 1.5}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"prompt\": \"a\", \"max_new_tokens\": 1e30}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"prompt\": \"a\", \"temperature\": 0.5}", ErrorCode.INVALID_REQUEST),
        Arguments.of(
            "{\"prompt\": \"a\", \"do_sample\": true, \"temperature\": 1e-300}",
            ErrorCode.INVALID_REQUEST),
        Arguments.of(
            "{\"prompt\": \"a\", \"repetition_penalty\": 1e-300}", ErrorCode.INVALID_REQUEST),
        Arguments.of(
            "{\"prompt\": \"a\", \"do_sample\": true, \"temperature\": -1}",
            ErrorCode.INVALID_REQUEST),
        Arguments.of(
            "{\"prompt\": \"a\", \"do_sample\": true, \"top_p\": 2}", ErrorCode.INVALID_REQUEST),
        Arguments.of(
            "{\"prompt\": \"a\", \"repetition_penalty\": 1e999}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"prompt\": \"a\", \"stop\": \"b\"}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"prompt\": \"a\", \"stop\": [\"\"]}", ErrorCode.EMPTY_TEXT),
        Arguments.of(
            "{\"prompt\": \"a\", \"stop\": [1, 2, 3, 4, 5, 6, 7, 8, 9]}",
            ErrorCode.INVALID_REQUEST),
        Arguments.of(
            "{\"prompt\": \"a\", \"stop\": [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"]}",
            ErrorCode.TOO_MANY_TEXTS),
        // As long as the model's longest text: there is no room for a token.
        Arguments.of("{\"prompt\": \"" + "x".repeat(100) + "\"}", ErrorCode.INVALID_REQUEST));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void refuses(String request, ErrorCode code) throws Exception {
    HttpResponse<String> response = server.post("/api/generate", request);
    assertThat(TestServer.errorCode(response)).as(response.body()).isEqualTo(code.code());
    assertThat(response.statusCode()).isEqualTo(code.status());
  }

  /** Leaving, at whatever moment, neither stops the server nor disturbs the next. */
  @Test
  void clientsThatLeaveDoNotDisturbOthers() throws Exception {
    String body = "{\"prompt\": \"see you\", \"max_new_tokens\": 40}";
    for (int i = 0; i < 30; i++) {
      try (Socket socket = server.connect()) {
        TestServer.write(socket, server.head(body.length()).replace("classify", "generate") + body);
        if (i % 3 > 0) {
          byte[] some = socket.getInputStream().readNBytes(i % 3 == 1 ? 20 : 700);
          String text = new String(some, StandardCharsets.UTF_8);
          assertThat(text).matches("(?s)HTTP/1.1 (200|503) .*");
        }
        socket.setSoLinger(true, 0);
      }
    }
    // Those that left are being noticed, until when there may be too many.
    AtomicReference<HttpResponse<String>> response = new AtomicReference<>();
    TestServer.await(
        () -> {
          response.set(server.post("/api/generate", body));
          return response.get().statusCode() != 503;
        });
    GenerationConfig config = GenerationConfig.builder().maxNewTokens(40).build();
    List<Event> events = events(response.get().body());
    assertThat(events.get(events.size() - 1).data().path("text").asText())
        .isEqualTo(generator.generate("see you", config).text());
  }

  @Test
  void stopsBeforeAText() throws Exception {
    String whole =
        generator.generate("see you", GenerationConfig.builder().maxNewTokens(12).build()).text();
    String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 1);
    ObjectNode request = JsonFile.parse("{\"prompt\": \"see you\", \"max_new_tokens\": 12}");
    request.putArray("stop").add(stop);
    List<Event> events = events(server.post("/api/generate", request.toString()).body());
    assertThat(events.get(events.size() - 1).data().path("text").asText())
        .isEqualTo(whole.substring(0, whole.indexOf(stop)));
  }
}
