package org.gpt2j.server;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The server: started by {@link #start}, ended by {@link #close}. */
final class DemoServer implements AutoCloseable {
  private final ServerOptions options;
  private final HttpThreads threads;
  private final HttpServer http;
  private final WorkerPool workers;
  private final BodyReader bodies;
  private final BatchingClassifier batches;
  private final Generator generator;
  private final Router router;
  private final List<Route> routes;
  private boolean closed;

  private DemoServer(ServerOptions options, ServedModel model, HttpThreads threads, HttpServer http)
      throws IOException {
    this.options = options;
    this.threads = threads;
    this.http = http;
    Metrics metrics = new Metrics();
    workers = new WorkerPool(options.maxConnections);
    bodies = new BodyReader(options.requestTimeout);
    batches =
        new BatchingClassifier(model.classifier(), options.maxQueue, options.batchWait, metrics);
    generator =
        model.languageModel() == null
            ? null
            : new Generator(model.languageModel(), model.generation(), model.weights());
    int timeout = options.answerTimeout;
    RequestMemory memory = RequestMemory.ofHeap();
    ClassifyHandler classify = new ClassifyHandler(model.classifier(), batches, bodies, timeout);
    Readiness readiness = new Readiness(this::parts, () -> ask(classify, memory));
    metrics.ready(() -> readiness.known().ready());
    routes =
        List.of(
            new Route("/api/classify", Map.of("POST", readiness.watch(classify))),
            new Route(
                "/api/generate",
                Map.of("POST", new GenerateHandler(generator, bodies, timeout, metrics))),
            new Route("/api/table", Map.of("POST", new TableHandler(bodies))),
            new Route("/api/model", Map.of("GET", new ModelHandler(model))),
            new Route("/health", Map.of("GET", new HealthHandler(readiness))),
            new Route(
                "/metrics",
                Map.of(
                    "GET",
                    call ->
                        call.send(
                            200,
                            Metrics.CONTENT_TYPE,
                            metrics.text().getBytes(StandardCharsets.UTF_8)))),
            new Route("/openapi.json", Map.of("GET", openApi())));
    HostCheck hosts =
        new HostCheck(http.getAddress().getAddress(), options.host, options.allowedHosts);
    router = new Router(routes, new StaticFiles(), hosts, bodies, memory, metrics);
    http.createContext("/", router);
    http.setExecutor(workers);
  }

  private static Handler openApi() throws IOException {
    try (InputStream in = DemoServer.class.getResourceAsStream("openapi.json")) {
      byte[] bytes = in.readAllBytes();
      return call -> call.send(200, Call.JSON, bytes);
    }
  }

  /**
   * Starts a server, which answers when this returns.
   *
   * @param model which stays the caller's to close
   */
  static DemoServer start(ServerOptions options, ServedModel model) throws IOException {
    options.check();
    JdkServerProperties.set(options);
    HttpThreads threads = new HttpThreads();
    HttpServer http;
    try {
      InetAddress address = InetAddress.getByName(options.host);
      InetSocketAddress place = new InetSocketAddress(address, options.port);
      // As many connections may wait to be accepted as may be open.
      http = threads.call(() -> HttpServer.create(place, options.maxConnections));
    } catch (UnknownHostException e) {
      throw new IOException(
          "--host: expected an address of this machine, found " + options.host, e);
    } catch (BindException e) {
      throw new IOException(
          "%s:%s: cannot listen there (%s); --host and --port name another place"
              .formatted(options.host, options.port, e.getMessage()),
          e);
    }
    DemoServer server = new DemoServer(options, model, threads, http);
    threads.call(
        () -> {
          http.start();
          return null;
        });
    return server;
  }

  /** Where it listens, such as http://127.0.0.1:8080/. */
  String url() {
    String host = options.host.contains(":") ? "[" + options.host + "]" : options.host;
    return "http://" + host + ":" + http.getAddress().getPort() + "/";
  }

  /** What it answers to, beside the page's files. */
  List<Route> routes() {
    return routes;
  }

  /** Those of the JDK's server. */
  HttpThreads threads() {
    return threads;
  }

  private static void ask(ClassifyHandler classify, RequestMemory memory)
      throws ApiException, IOException {
    try (RequestMemory.Share share = memory.share()) {
      classify.ask(share);
    }
  }

  private Readiness.State parts() {
    if (router.isShuttingDown()) {
      return new Readiness.State(true, "The server is about to end.");
    }
    Thread ended = threads.ended() != null ? threads.ended() : batches.ended();
    return ended == null
        ? new Readiness.State(true, null)
        : new Readiness.State(false, "The thread " + ended.getName() + " has ended.");
  }

  /**
   * Accepts nothing more, finishes what was accepted, for a time, and ends. Only the first call
   * does this; later ones wait for it.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(options.shutdownTimeout);
    router.shutDown();
    // HttpServer.stop closes the listener at once and the connections when its time is over or,
    // with the JDK 17, hardly ever earlier; so another thread waits in it, and is overtaken below.
    Thread listenerCloser = new Thread(() -> http.stop(options.shutdownTimeout), "listener-closer");
    listenerCloser.setDaemon(true);
    listenerCloser.start();
    try {
      workers.awaitIdle(millisUntil(deadline));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    batches.close(millisUntil(deadline));
    http.stop(0);
    if (generator != null) {
      generator.close();
    }
    bodies.close();
    workers.close();
  }

  private static long millisUntil(long deadline) {
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
  }
}
