package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.gpt2j.io.JsonFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are answered with an error, each with its code. */
class ErrorsTest {
  @TempDir static Path directory;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    ServedModel model = TestModel.load(TestModel.saveWhole(directory.resolve("whole")));
    server = new TestServer(TestServer.options(), model);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void assertError(HttpResponse<String> response, ErrorCode code) {
    ObjectNode json = JsonFile.parse(response.body());
    assertThat(json.path("error").path("code").asText()).as(response.body()).isEqualTo(code.code());
    assertThat(response.statusCode()).isEqualTo(code.status());
    assertThat(json.path("error").path("message").asText()).endsWith(".").doesNotContain("\n");
    assertThat(response.headers().firstValue("Content-Type")).hasValue(Call.JSON);
  }

  static Stream<Arguments> bodies() {
    String nested = "[".repeat(5000) + "]".repeat(5000);
    return Stream.of(
        Arguments.of("", ErrorCode.INVALID_JSON),
        Arguments.of("null", ErrorCode.INVALID_JSON),
        Arguments.of("[\"text\"]", ErrorCode.INVALID_JSON),
        Arguments.of("{\"text\": \"see you\"", ErrorCode.INVALID_JSON),
        Arguments.of("{\"text\": \"see you\"} {}", ErrorCode.INVALID_JSON),
        Arguments.of("{\"text\": \"a\", \"text\": \"b\"}", ErrorCode.INVALID_JSON),
        Arguments.of("{\"text\": NaN}", ErrorCode.INVALID_JSON),
        Arguments.of("{\"text\": " + nested + "}", ErrorCode.INVALID_JSON),
        Arguments.of("{\"text\": " + "9".repeat(5000) + "}", ErrorCode.INVALID_JSON),
        Arguments.of("{}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"explain\": true}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"text\": \"a\", \"texts\": [\"a\"]}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"texts\": [\"a\"], \"explain\": true}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"text\": \"a\", \"explain\": 1}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"text\": \"a\", \"more\": 1}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"text\": \"a\", \"\\u0000\\n\": 1}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"text\": \"a\", \"\\ud800\": 1}", ErrorCode.INVALID_JSON),
        Arguments.of("{\"text\": 7}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"text\": null}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"text\": {\"text\": \"a\"}}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"texts\": \"a\"}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"texts\": [\"a\", 1]}", ErrorCode.INVALID_REQUEST),
        Arguments.of("{\"text\": \"\"}", ErrorCode.EMPTY_TEXT),
        Arguments.of("{\"text\": \" \\n\\t\"}", ErrorCode.EMPTY_TEXT),
        Arguments.of("{\"texts\": [\"a\", \"\"]}", ErrorCode.EMPTY_TEXT),
        Arguments.of("{\"text\": \"a\\ud800b\"}", ErrorCode.INVALID_TEXT),
        Arguments.of("{\"text\": \"\\ude00\\ud83d\"}", ErrorCode.INVALID_TEXT),
        Arguments.of("{\"text\": \"" + "x".repeat(100_000) + "\"}", ErrorCode.TEXT_TOO_LONG),
        Arguments.of(
            TestServer.texts(TestModel.texts(Limits.TEXTS + 1)).toString(),
            ErrorCode.TOO_MANY_TEXTS));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void refusesTheBody(String body, ErrorCode code) throws Exception {
    assertError(server.post("/api/classify", body), code);
  }

  @Test
  void theLongestTextAllowedIsClassified() throws Exception {
    server.classify(TestServer.text("x".repeat(Limits.CHARACTERS)));
  }

  @Test
  void messagesNameTheKey() throws Exception {
    HttpResponse<String> response = server.post("/api/classify", "{\"texts\": [\"a\", 1]}");
    assertThat(response.body())
        .isEqualTo(
            "{\"error\":{\"code\":\"invalid_request\",\"message\":"
                + "\"texts[1]: expected a text, found another number.\"}}");
  }

  @Test
  void refusesWhatIsNotUtf8() throws Exception {
    byte[] body = "{\"text\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
    assertError(server.send(server.postRequest("/api/classify", body)), ErrorCode.INVALID_UTF8);
  }

  /** The client writes all of it and still reads the answer. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void refusesALargeBody(boolean chunked) throws Exception {
    byte[] body = new byte[10_000_000];
    Arrays.fill(body, (byte) ' ');
    var publisher = BodyPublishers.ofByteArray(body);
    HttpRequest request =
        server
            .request("/api/classify")
            .header("Content-Type", "application/json")
            .POST(chunked ? BodyPublishers.fromPublisher(publisher) : publisher)
            .build();
    assertError(server.send(request), ErrorCode.BODY_TOO_LARGE);
  }

  @Test
  void takesChunks() throws Exception {
    var publisher = BodyPublishers.ofString("{\"text\": \"see you\"}");
    HttpRequest request =
        server
            .request("/api/classify")
            .header("Content-Type", "Application/JSON; charset=\"UTF-8\"")
            .POST(BodyPublishers.fromPublisher(publisher))
            .build();
    assertThat(server.send(request).statusCode()).isEqualTo(200);
  }

  /** JSON defines no parameters (RFC 8259): those that there are change nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json; charset=utf8",
        "application/json;charset=UTF-8",
        "APPLICATION/JSON ; Charset = \"utf-8\"",
        "application/json; charset=us-ascii",
        "application/json; version=1",
        "application/json; version=1; charset=utf-8; odata=verbose",
        "application/json; profile=\"a;charset=latin1\\\";charset=latin1\"",
        "application/json; charset",
        "application/json; charset=",
        "application/json;",
        "application/json ; ; ",
        "application/vnd.api+json",
        "application/problem+json; charset=utf-8",
        "text/json"
      })
  void takesJsonByAnyOfItsNames(String type) throws Exception {
    HttpRequest request =
        server
            .request("/api/classify")
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString("{\"text\": \"see you\"}"))
            .build();
    HttpResponse<String> response = server.send(request);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json; charset=utf-16",
        "application/json; charset=\"ISO-8859-1\"",
        "application/json; charset=utf-8; charset=utf-16le",
        "text/plain; application/json",
        "text/plain, application/json",
        "application/json, text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "text/plain;charset=application/json",
        "application/ json",
        "+json",
        "application/+json",
        ";",
        ";application/json"
      })
  void namesTheTypeThatItRefuses(String type) throws Exception {
    HttpRequest request =
        server
            .request("/api/classify")
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString("{\"text\": \"see you\"}"))
            .build();
    HttpResponse<String> response = server.send(request);
    assertError(response, ErrorCode.UNSUPPORTED_MEDIA_TYPE);
    assertThat(JsonFile.parse(response.body()).at("/error/message").asText())
        .isEqualTo("Content-Type: expected application/json in UTF-8, found " + type + ".");
  }

  @Test
  void refusesTwoTypes() throws Exception {
    HttpRequest request =
        server
            .request("/api/classify")
            .header("Content-Type", "application/json")
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString("{\"text\": \"see you\"}"))
            .build();
    assertError(server.send(request), ErrorCode.UNSUPPORTED_MEDIA_TYPE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void leavesAByteOrderMarkOut(boolean chunked) throws Exception {
    var publisher = BodyPublishers.ofString("\ufeff{\"text\": \"see you\"}");
    HttpRequest request =
        server
            .request("/api/classify")
            .header("Content-Type", "application/json")
            .POST(chunked ? BodyPublishers.fromPublisher(publisher) : publisher)
            .build();
    HttpResponse<String> response = server.send(request);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .isEqualTo(server.post("/api/classify", "{\"text\": \"see you\"}").body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
  void refusesOtherUnicodeInWords(String charset) throws Exception {
    byte[] body = "{\"text\": \"see you\"}".getBytes(Charset.forName(charset));
    HttpResponse<String> response = server.send(server.postRequest("/api/classify", body));
    assertError(response, ErrorCode.INVALID_UTF8);
    assertThat(response.body()).contains("expected UTF-8, found UTF-16 or UTF-32");
  }

  /** What a client sent may be shown on its terminal: nothing in it may act there. */
  @Test
  void quotesNoControlCharacters() throws Exception {
    String key = "\\u001b[2J\\n\u009b1m\u202e";
    HttpResponse<String> response = server.post("/api/classify", "{\"" + key + "\": 1}");
    assertError(response, ErrorCode.INVALID_REQUEST);
    assertThat(JsonFile.parse(response.body()).at("/error/message").asText())
        .endsWith("found \\u001b[2J\\n\\u009b1m\\u202e.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text/plain", "application/json; charset=latin1", "application/jsonx", "x", ""})
  void refusesOtherTypes(String type) throws Exception {
    HttpRequest.Builder request =
        server.request("/api/classify").POST(BodyPublishers.ofString("{\"text\": \"see you\"}"));
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    assertError(server.send(request.build()), ErrorCode.UNSUPPORTED_MEDIA_TYPE);
  }

  @Test
  void refusesBodiesWhoseSecondEncodingCompresses() throws Exception {
    HttpRequest request =
        server
            .request("/api/classify")
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "identity")
            .header("Content-Encoding", "gzip")
            .POST(BodyPublishers.ofString("{\"text\": \"see you\"}"))
            .build();
    HttpResponse<String> response = server.send(request);
    assertError(response, ErrorCode.UNSUPPORTED_MEDIA_TYPE);
    assertThat(response.body()).contains("found identity, gzip.");
  }

  @Test
  void refusesCompressedBodies() throws Exception {
    HttpRequest request =
        server
            .request("/api/classify")
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "gzip")
            .POST(BodyPublishers.ofString("{}"))
            .build();
    assertError(server.send(request), ErrorCode.UNSUPPORTED_MEDIA_TYPE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/nothing",
        "/api",
        "/api/classify/",
        "/api/%63lassify",
        "/index",
        "/web",
        "/../Main.class",
        "/..%2fMain.class",
        "/%2e%2e/openapi.json",
        "/.hidden.html",
        "/index.html/",
        "/index.html.class"
      })
  void thereIsNothingElse(String path) throws Exception {
    try (Socket socket = server.connect()) {
      TestServer.write(
          socket, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      assertThat(TestServer.readAll(socket)).startsWith("HTTP/1.1 404 ").contains("\"not_found\"");
    }
  }

  @Test
  void thereIsNothingAtALongPath() throws Exception {
    HttpResponse<String> response = server.get("/" + "a/".repeat(5000) + "index.html");
    assertError(response, ErrorCode.NOT_FOUND);
  }

  @Test
  void refusesOtherMethodsAndNamesThoseAllowed() throws Exception {
    for (Route route : server.server.routes()) {
      for (String method : List.of("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW")) {
        if (route.handler(method) == null) {
          HttpRequest request =
              server.request(route.path()).method(method, BodyPublishers.ofString("{}")).build();
          HttpResponse<String> response = server.send(request);
          assertError(response, ErrorCode.METHOD_NOT_ALLOWED);
          assertThat(response.headers().firstValue("Allow")).hasValue(route.allow());
        }
      }
    }
    HttpResponse<String> page = server.post("/index.html", "{}");
    assertError(page, ErrorCode.METHOD_NOT_ALLOWED);
    assertThat(page.headers().firstValue("Allow")).hasValue("GET, HEAD");
  }

  private static String raw(String request) throws Exception {
    try (Socket socket = server.connect()) {
      TestServer.write(socket, request);
      return TestServer.readAll(socket);
    }
  }

  @Test
  void wantsALength() throws Exception {
    assertThat(
            raw(
                "POST /api/classify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\n\r\n"))
        .startsWith("HTTP/1.1 411 ")
        .contains("\"length_required\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "evil.example:80", "localhost.evil.example", "10.0.0.1"})
  void refusesTheNamesOfOthers(String host) throws Exception {
    assertThat(raw("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 421 ")
        .contains("\"host_not_allowed\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: localhost\r\nHost: localhost\r\n",
        "",
        "Host:\r\n",
        "Host: a@localhost\r\n"
      })
  void refusesARequestWithoutOneHost(String hosts) throws Exception {
    assertThat(raw("GET / HTTP/1.1\r\n" + hosts + "Connection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .contains("\"invalid_host\"");
  }

  /** What is no HTTP is answered by the JDK, without a stack trace, or cut off. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET //index.html HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        "GET / HTTP/1.1\r\nHo st: localhost\r\n\r\n"
      })
  void whatIsNotHttpIsRefused(String request) throws Exception {
    String answer = raw(request);
    assertThat(answer).doesNotContain("\tat ", "java.");
    if (!answer.isEmpty()) {
      assertThat(answer).matches("(?s)HTTP/1\\.1 (400|404|501) .*");
    }
    assertThat(server.get("/health").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz\r\n", "fffffff0\r\nabc", "3\r\nabcdef\r\n"})
  void refusesMalformedChunks(String chunks) throws Exception {
    try (Socket socket = server.connect()) {
      TestServer.write(
          socket,
          "POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Transfer-Encoding: chunked\r\n\r\n"
              + chunks);
      socket.shutdownOutput();
      assertThat(TestServer.readAll(socket))
          .startsWith("HTTP/1.1 400 ")
          .contains("\"malformed_body\"");
    }
  }

  @Test
  void refusesABodyThatEndsEarly() throws Exception {
    try (Socket socket = server.connect()) {
      TestServer.write(socket, server.head(100) + "{\"text\": ");
      socket.shutdownOutput();
      assertThat(TestServer.readAll(socket))
          .startsWith("HTTP/1.1 400 ")
          .contains("\"malformed_body\"");
    }
  }

  @Test
  void doesNotGenerateWithoutALanguageModel() throws Exception {
    assertError(server.post("/api/generate", "{\"prompt\": \"see\"}"), ErrorCode.NO_LANGUAGE_MODEL);
    assertThat(JsonFile.parse(server.get("/api/model").body()).path("generate").asBoolean(true))
        .isFalse();
  }
}
