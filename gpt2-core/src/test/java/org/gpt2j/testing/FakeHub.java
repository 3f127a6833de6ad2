package org.gpt2j.testing;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Two servers on this machine that behave as the Hugging Face hub does: one has the models and
 * their small files (behind a redirect within itself), the other, under another host name, the
 * bytes of `.safetensors` files.
 */
public final class FakeHub implements AutoCloseable {
  private static final Pattern RESOLVE = Pattern.compile("/(.+)/resolve/([^/]+)/([^/]+)");
  private static final String SMALL = "/api/resolve-cache/";

  /** A request as it came. */
  public record Request(boolean toHub, String method, String path, Headers headers) {
    @Override
    public String toString() {
      return (toHub ? "hub " : "cdn ") + method + " " + path;
    }

    public String header(String name) {
      return headers.getFirst(name);
    }
  }

  private record Commit(String hash, Map<String, byte[]> files) {}

  private final HttpServer hub;
  private final HttpServer cdn;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Commit> revisions = new ConcurrentHashMap<>();
  private final Map<String, byte[]> large = new ConcurrentHashMap<>();
  private final Map<String, String> renamed = new ConcurrentHashMap<>();
  private final Map<String, Deque<HttpHandler>> faults = new ConcurrentHashMap<>();

  public FakeHub() throws IOException {
    hub = start(true, this::hub);
    cdn = start(false, this::cdn);
  }

  private HttpServer start(boolean isHub, HttpHandler handler) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", exchange -> serve(isHub, handler, exchange));
    server.start();
    return server;
  }

  @Override
  public void close() {
    hub.stop(0);
    cdn.stop(0);
    threads.shutdownNow();
  }

  public String endpoint() {
    return "http://127.0.0.1:" + hub.getAddress().getPort();
  }

  public String cdnAddress() {
    return "http://localhost:" + cdn.getAddress().getPort();
  }

  /** Adds a commit and lets a revision, and its own hash, stand for it. */
  public FakeHub add(String repo, String revision, String commit, Map<String, byte[]> files) {
    files.values().forEach(content -> large.put(sha256(content), content));
    revisions.put(repo + "@" + revision, new Commit(commit, files));
    revisions.put(repo + "@" + commit, new Commit(commit, files));
    return this;
  }

  /** Redirects from a model's old name. */
  public void rename(String from, String to) {
    renamed.put(from, to);
  }

  /**
   * Answers the next request of its kind in another way; several are taken in their order.
   *
   * @param request such as `GET model.safetensors`: the method and the file
   */
  public void next(String request, HttpHandler handler) {
    faults.computeIfAbsent(request, key -> new ArrayDeque<>()).add(handler);
  }

  /** All requests so far. */
  public List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  public void forgetRequests() {
    requests.clear();
  }

  private void serve(boolean isHub, HttpHandler handler, HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    requests.add(
        new Request(isHub, exchange.getRequestMethod(), path, exchange.getRequestHeaders()));
    String file = path.substring(path.lastIndexOf('/') + 1);
    Deque<HttpHandler> waiting = faults.get(exchange.getRequestMethod() + " " + file);
    HttpHandler fault = null;
    // The bytes' own requests are those that a test means.
    if (waiting != null && !isRedirected(isHub, exchange, path)) {
      synchronized (waiting) {
        fault = waiting.poll();
      }
    }
    try (exchange) {
      (fault == null ? handler : fault).handle(exchange);
    }
  }

  private boolean isRedirected(boolean isHub, HttpExchange exchange, String path) {
    return isHub
        && exchange.getRequestMethod().equals("GET")
        && path.contains("/resolve/")
        && !path.startsWith(SMALL);
  }

  private void hub(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    boolean small = path.startsWith(SMALL);
    Matcher resolve = RESOLVE.matcher(small ? path.substring(SMALL.length() - 1) : path);
    if (!resolve.matches()) {
      answer(exchange, 404, Map.of());
      return;
    }
    String repo = resolve.group(1);
    String revision = resolve.group(2).replace("%2F", "/");
    String file = resolve.group(3);
    if (renamed.containsKey(repo)) {
      answer(exchange, 307, Map.of("Location", path.replace(repo, renamed.get(repo))));
      return;
    }
    Commit commit = revisions.get(repo + "@" + revision);
    if (commit == null) {
      boolean known = revisions.keySet().stream().anyMatch(key -> key.startsWith(repo + "@"));
      // As the hub does with models that are not there, or private, and no token.
      String code = known ? "RevisionNotFound" : "RepoNotFound";
      answer(exchange, known ? 404 : 401, Map.of("X-Error-Code", code));
      return;
    }
    byte[] content = commit.files().get(file);
    if (content == null) {
      answer(
          exchange, 404, Map.of("X-Error-Code", "EntryNotFound", "X-Repo-Commit", commit.hash()));
    } else if (file.endsWith(".safetensors")) {
      String hash = sha256(content);
      answer(
          exchange,
          302,
          Map.of(
              "X-Repo-Commit", commit.hash(),
              "X-Linked-Etag", "\"" + hash + "\"",
              "X-Linked-Size", "" + content.length,
              "ETag", "\"another\"",
              "Location", cdnAddress() + "/" + hash + "/" + file + "?signature=secret"));
    } else if (small) {
      exchange.getResponseHeaders().set("ETag", "W/\"" + gitHash(content) + "\"");
      exchange.getResponseHeaders().set("X-Repo-Commit", commit.hash());
      send(exchange, content);
    } else {
      answer(exchange, 307, Map.of("Location", SMALL.replaceFirst("/$", "") + path));
    }
  }

  private void cdn(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    send(exchange, large.get(path.split("/")[1]));
  }

  /** Sends a file, or the part of it that is asked for. */
  public static void send(HttpExchange exchange, byte[] content) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    if (from > 0 && from >= content.length) {
      answer(exchange, 416, Map.of("Content-Range", "bytes */" + content.length));
      return;
    }
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", "" + content.length);
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    int length = content.length - from;
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, length == 0 ? -1 : length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(content, from, length);
    }
  }

  /** An answer without a body. */
  public static void answer(HttpExchange exchange, int status, Map<String, String> headers)
      throws IOException {
    headers.forEach(exchange.getResponseHeaders()::set);
    exchange.sendResponseHeaders(status, -1);
  }

  /** A handler of that. */
  public static HttpHandler status(int status, Map<String, String> headers) {
    return exchange -> answer(exchange, status, headers);
  }

  /** Sends the first bytes of a file, as if all were to come, and breaks the connection. */
  public static HttpHandler cutAfter(byte[] content, int count) {
    return exchange -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, count);
      exchange.getResponseBody().flush();
      exchange.close();
    };
  }

  /** The same, but then nothing comes any more. */
  public static HttpHandler stallAfter(byte[] content, int count) {
    return exchange -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, count);
      exchange.getResponseBody().flush();
      stall();
    };
  }

  /** Waits until the server is closed. */
  public static void stall() {
    try {
      Thread.sleep(600_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static String sha256(byte[] content) {
    return hash("SHA-256", content);
  }

  /** What `git hash-object` says. */
  public static String gitHash(byte[] content) {
    byte[] header = bytes("blob " + content.length + "\0");
    byte[] all = Arrays.copyOf(header, header.length + content.length);
    System.arraycopy(content, 0, all, header.length, content.length);
    return hash("SHA-1", all);
  }

  private static String hash(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
