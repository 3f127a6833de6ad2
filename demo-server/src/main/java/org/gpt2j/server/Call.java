package org.gpt2j.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** One request and its answer, which is sent once, whoever comes first. */
final class Call {
  static final String JSON = "application/json; charset=utf-8";

  /** Scripts and styles come from files of ours only; nobody may frame the page. */
  private static final Map<String, String> SECURITY_HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
              + " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cache-Control",
          "no-store");

  private final HttpExchange exchange;
  private final RequestMemory.Share memory;
  private final long started = System.nanoTime();
  private final AtomicInteger status = new AtomicInteger();
  private boolean bodyRead;

  /**
   * @param memory that the request may take, until it is answered
   */
  Call(HttpExchange exchange, RequestMemory.Share memory) {
    this.exchange = exchange;
    this.memory = memory;
    SECURITY_HEADERS.forEach(this::setHeader);
  }

  String method() {
    return exchange.getRequestMethod();
  }

  /** The path as it was sent, without the query. */
  String path() {
    String path = exchange.getRequestURI().getRawPath();
    return path == null ? "" : path;
  }

  /** Values of a request's header, none if it is missing. */
  List<String> headers(String name) {
    return exchange.getRequestHeaders().getOrDefault(name, List.of());
  }

  /** First value of a request's header, null if it is missing. */
  String header(String name) {
    return exchange.getRequestHeaders().getFirst(name);
  }

  InputStream requestBody() {
    return exchange.getRequestBody();
  }

  /** What the request takes of the memory for all. */
  RequestMemory.Share memory() {
    return memory;
  }

  /** The request's body has been read to its end. */
  void bodyEnded() {
    bodyRead = true;
  }

  boolean isBodyRead() {
    return bodyRead;
  }

  /** Nanoseconds since the request's head was read. */
  long elapsed() {
    return System.nanoTime() - started;
  }

  /** Status of the answer, 0 before it is sent. */
  int status() {
    return status.get();
  }

  /** Sets a header of the answer. */
  void setHeader(String name, String value) {
    exchange.getResponseHeaders().set(name, value);
  }

  /** Has the connection closed after the answer. */
  void closeConnection() {
    setHeader("Connection", "close");
  }

  void sendJson(int status, ObjectNode json) throws IOException {
    send(status, JSON, json.toString().getBytes(StandardCharsets.UTF_8));
  }

  void sendError(ErrorCode code, String message) throws IOException {
    if (code.status() == 503) {
      setHeader("Retry-After", "1");
    }
    sendJson(code.status(), error(code, message));
  }

  /** {"error": {"code", "message"}}. */
  static ObjectNode error(ErrorCode code, String message) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putObject("error").put("code", code.code()).put("message", message);
    return json;
  }

  /**
   * Sends the whole answer.
   *
   * @throws IOException if there is one already, or the client is gone
   */
  void send(int status, String contentType, byte[] body) throws IOException {
    start(status, contentType);
    Headers headers = exchange.getResponseHeaders();
    if (method().equals("HEAD") || status == 304) {
      headers.set("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  /** Starts an answer whose parts are sent as they come; to be closed at its end. */
  OutputStream stream(String contentType) throws IOException {
    start(200, contentType);
    exchange.sendResponseHeaders(200, 0);
    return exchange.getResponseBody();
  }

  /**
   * Answers, where there is no answer yet, while another thread waits for the body; the connection
   * is left to that thread.
   */
  void interject(ErrorCode code, String message) throws IOException {
    if (!status.compareAndSet(0, code.status())) {
      return;
    }
    if (method().equals("HEAD")) {
      return; // its answer would end the exchange, which waits for the body
    }
    closeConnection();
    setHeader("Content-Type", JSON);
    byte[] body = error(code, message).toString().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(code.status(), body.length);
    OutputStream out = exchange.getResponseBody();
    out.write(body);
    out.flush(); // and not closed, for the same reason
  }

  private void start(int newStatus, String contentType) throws IOException {
    if (!status.compareAndSet(0, newStatus)) {
      throw new IOException("the request was answered with " + status + " already");
    }
    if (contentType != null) {
      setHeader("Content-Type", contentType);
    }
  }
}
