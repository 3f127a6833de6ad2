package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ShutdownTest {
  @TempDir static Path directory;
  private static Path adapter;
  private static ServedModel model;

  @BeforeAll
  static void save() throws Exception {
    adapter = TestModel.saveAdapter(directory);
    model = TestModel.load(adapter);
  }

  private static boolean refusesConnections(TestServer server) {
    try {
      server.connect().close();
      return false;
    } catch (ConnectException e) {
      return true;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatWasAcceptedIsFinished() throws Exception {
    TestServer server = new TestServer(TestServer.options(), model);
    List<CompletableFuture<HttpResponse<String>>> accepted = new ArrayList<>();
    Thread closing = new Thread(server::close);
    try (Socket idle = server.connect()) {
      TestServer.write(idle, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      BufferedReader answer = new BufferedReader(new InputStreamReader(idle.getInputStream()));
      assertThat(answer.readLine()).isEqualTo("HTTP/1.1 200 OK");
      synchronized (model.classifier()) {
        for (String text : TestModel.texts(20)) {
          String body = TestServer.text(text).toString();
          accepted.add(
              server.client.sendAsync(
                  server.postRequest("/api/classify", body), BodyHandlers.ofString()));
        }
        TestServer.await(() -> server.inFlight() == 21); // and the request that asks for it
        closing.start();
        TestServer.await(() -> refusesConnections(server));
        // On a connection that is open already.
        TestServer.write(idle, "GET /api/model HTTP/1.1\r\nHost: localhost\r\n\r\n");
        String line = answer.readLine();
        while (!line.contains("HTTP/1.1 503 ")) { // after the other answer's body
          line = answer.readLine();
        }
        assertThat(accepted).noneMatch(CompletableFuture::isDone);
      }
      for (var future : accepted) {
        assertThat(future.get().statusCode()).isEqualTo(200);
      }
    }
    closing.join(TestServer.PATIENCE.toMillis());
    assertThat(closing.isAlive()).isFalse();
  }

  @Test
  void theTimeIsBounded() throws Exception {
    ServerOptions options = TestServer.options();
    options.shutdownTimeout = 1;
    TestServer server = new TestServer(options, model);
    CompletableFuture<HttpResponse<String>> stuck;
    synchronized (model.classifier()) {
      stuck =
          server.client.sendAsync(
              server.postRequest("/api/classify", "{\"text\": \"see you\"}"),
              BodyHandlers.ofString());
      TestServer.await(() -> server.inFlight() == 2);
      Thread closing = new Thread(server::close);
      closing.start();
      closing.join(TestServer.PATIENCE.toMillis());
      assertThat(closing.isAlive()).as("closed while the model is stuck").isFalse();
    }
    assertThatThrownBy(stuck::get).hasRootCauseInstanceOf(IOException.class);
  }

  @Test
  void anIdleServerEndsAtOnce() throws Exception {
    TestServer server = new TestServer(TestServer.options(), model);
    assertThat(server.get("/health").statusCode()).isEqualTo(200);
    Thread closing = new Thread(server::close);
    closing.start();
    // Much less than the time that it has.
    closing.join(TestServer.PATIENCE.toMillis() / 2);
    assertThat(closing.isAlive()).isFalse();
    assertThat(refusesConnections(server)).isTrue();
    server.close();
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGTERM")
  void aSignalEndsTheProgram() throws Exception {
    List<String> command =
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--model",
            adapter.toString(),
            "--port",
            "0",
            "--threads",
            "1");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        if (line.endsWith(" answers with adapter")) {
          URI uri = URI.create(line.substring(0, line.indexOf(' '))).resolve("/api/classify");
          HttpRequest request =
              HttpRequest.newBuilder(uri)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString("{\"text\": \"see you\"}"))
                  .build();
          lines.add(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
          process.toHandle().destroy();
        }
      }
    } finally {
      process.toHandle().destroyForcibly();
    }
    String output = String.join("\n", lines);
    assertThat(process.waitFor()).as(output).isEqualTo(143);
    assertThat(output).contains("{\"label\":").endsWith("\nended").doesNotContain("Exception");
  }
}
