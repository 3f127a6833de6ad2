package org.gpt2j.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.gpt2j.io.JsonFile;

/** A server at a free port, and a client of it. */
final class TestServer implements AutoCloseable {
  /** A busy machine may take long; whoever waits in vain waits for this. */
  static final Duration PATIENCE = Duration.ofSeconds(120);

  static {
    // The JDK's server reads its limits once a process: here none that a busy machine could reach.
    System.setProperty("sun.net.httpserver.maxReqTime", "600");
    System.setProperty("sun.net.httpserver.maxRspTime", "600");
    System.setProperty("sun.net.httpserver.idleInterval", "600");
  }

  /** What is waited for. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws Exception;
  }

  final DemoServer server;
  final URI uri;
  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  TestServer(ServerOptions options, ServedModel model) throws IOException {
    server = DemoServer.start(options, model);
    uri = URI.create(server.url());
  }

  /** A free port, and no limit that a busy machine could reach. */
  static ServerOptions options() {
    ServerOptions options = new ServerOptions();
    options.port = 0;
    options.requestTimeout = (int) PATIENCE.toSeconds();
    options.answerTimeout = (int) PATIENCE.toSeconds();
    options.shutdownTimeout = (int) PATIENCE.toSeconds();
    return options;
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri.resolve(path)).timeout(PATIENCE);
  }

  HttpRequest postRequest(String path, byte[] body) {
    return request(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }

  HttpRequest postRequest(String path, String body) {
    return postRequest(path, body.getBytes(StandardCharsets.UTF_8));
  }

  HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(request(path).build());
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return send(postRequest(path, body));
  }

  /** The body of an answer that is 200. */
  ObjectNode classify(ObjectNode request) throws IOException, InterruptedException {
    HttpResponse<String> response = post("/api/classify", request.toString());
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + " " + response.body());
    }
    return JsonFile.parse(response.body());
  }

  static ObjectNode text(String text) {
    return JsonNodeFactory.instance.objectNode().put("text", text);
  }

  static ObjectNode texts(List<String> texts) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    texts.forEach(json.putArray("texts")::add);
    return json;
  }

  static String errorCode(HttpResponse<String> response) {
    return JsonFile.parse(response.body()).path("error").path("code").asText();
  }

  /** A connection to which anything can be written. */
  Socket connect() throws IOException {
    Socket socket = new Socket(uri.getHost(), uri.getPort());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    return socket;
  }

  static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
  }

  /** All that comes until the server closes the connection. */
  static String readAll(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** The head of a request that classifies. */
  String head(int contentLength) {
    return "POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Connection: close\r\nContent-Length: "
        + contentLength
        + "\r\n\r\n";
  }

  /** Sum of the samples of a metric whose labels have a text in them. */
  double metric(String name, String label) throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name) && line.contains(label))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  /** Requests without an answer, that which asks for their number included. */
  int inFlight() throws IOException, InterruptedException {
    return (int) metric("gpt2j_http_requests_in_flight", "");
  }

  /** Texts that wait for the model. */
  int queueLength() throws IOException, InterruptedException {
    return (int) metric("gpt2j_queue_texts", "");
  }

  static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain");
      }
      Thread.sleep(5);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
