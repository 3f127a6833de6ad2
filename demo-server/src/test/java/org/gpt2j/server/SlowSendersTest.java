package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that say little, or nothing, or do not listen. */
class SlowSendersTest {
  @TempDir static Path directory;
  private static ServedModel model;

  @BeforeAll
  static void save() throws Exception {
    model = TestModel.load(TestModel.saveAdapter(directory));
  }

  @Test
  void slowSendersDoNotKeepOthersWaiting() throws Exception {
    String body = TestServer.text("see you").toString();
    List<Socket> sockets = new ArrayList<>();
    try (TestServer server = new TestServer(TestServer.options(), model)) {
      for (int i = 0; i < 50; i++) {
        Socket silent = server.connect();
        Socket headOnly = server.connect();
        Socket halfABody = server.connect();
        sockets.addAll(List.of(silent, headOnly, halfABody));
        TestServer.write(headOnly, "POST /api/classify HTTP/1.1\r\nHost:");
        TestServer.write(halfABody, server.head(body.length()) + body.substring(0, 5));
      }
      for (int i = 0; i < 20; i++) {
        assertThat(server.post("/api/classify", body).statusCode()).isEqualTo(200);
      }
      // They are not given up either: those that go on get their answers.
      for (int i = 2; i < sockets.size(); i += 3) {
        TestServer.write(sockets.get(i), body.substring(5));
        assertThat(TestServer.readAll(sockets.get(i))).startsWith("HTTP/1.1 200 ");
      }
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  /** In any of the ways in which a body is read. */
  @Test
  void aBodyThatDoesNotComeGets408() throws Exception {
    ServerOptions options = TestServer.options();
    options.requestTimeout = 1;
    try (TestServer server = new TestServer(options, model)) {
      List<String> requests =
          List.of(
              server.head(100) + "{\"text\":",
              server.head(Limits.BODY_BYTES + 1) + "{\"text\":",
              server.head(100).replace("classify", "nothing"),
              server.head(100).replace("Content-Length: 100", "Transfer-Encoding: chunked"));
      for (String request : requests) {
        try (Socket socket = server.connect()) {
          TestServer.write(socket, request);
          // Until the client leaves, or the JDK's server cuts it off.
          byte[] answer = new byte[4096];
          StringBuilder text = new StringBuilder();
          while (!text.toString().endsWith("}}")) {
            int n = socket.getInputStream().read(answer);
            assertThat(n).as(text.toString()).isPositive();
            text.append(new String(answer, 0, n, StandardCharsets.UTF_8));
          }
          assertThat(text.toString())
              .startsWith("HTTP/1.1 408 ")
              .contains("\"request_timeout\"")
              .containsIgnoringCase("Connection: close");
        }
      }
      TestServer.await(() -> server.inFlight() == 1);
    }
  }

  /** 32 MiB for all of them. */
  @Test
  void manyLargeBodiesDoNotFillTheMemory() throws Exception {
    int length = 1_000_000;
    String start = " ".repeat(900_000);
    List<Socket> sockets = new ArrayList<>();
    try (TestServer server = new TestServer(TestServer.options(), model)) {
      for (int i = 0; i < 45; i++) {
        Socket socket = server.connect();
        sockets.add(socket);
        TestServer.write(socket, server.head(length) + start);
      }
      int refused = 0;
      for (Socket socket : sockets) {
        TestServer.write(socket, " ".repeat(length - start.length()));
        String answer = TestServer.readAll(socket);
        boolean full = answer.startsWith("HTTP/1.1 503 ");
        assertThat(answer).contains(full ? "\"out_of_memory\"" : "\"invalid_json\"");
        refused += full ? 1 : 0;
        socket.close();
      }
      assertThat(refused).isBetween(1, 40);
      assertThat(server.post("/api/classify", "{\"text\": \"see you\"}").statusCode())
          .isEqualTo(200);
    }
  }
}
