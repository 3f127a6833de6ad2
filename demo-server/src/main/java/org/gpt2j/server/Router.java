package org.gpt2j.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.gpt2j.io.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds who answers a request, turns failures into JSON, and counts. */
final class Router implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);

  /** The only route that answers while the server ends. */
  private static final String HEALTH = "/health";

  private final Map<String, Route> routes;
  private final StaticFiles files;
  private final HostCheck hosts;
  private final BodyReader bodies;
  private final RequestMemory memory;
  private final Metrics metrics;
  private volatile boolean shuttingDown;

  Router(
      List<Route> routes,
      StaticFiles files,
      HostCheck hosts,
      BodyReader bodies,
      RequestMemory memory,
      Metrics metrics) {
    this.routes = routes.stream().collect(Collectors.toMap(Route::path, Function.identity()));
    this.files = files;
    this.hosts = hosts;
    this.bodies = bodies;
    this.memory = memory;
    this.metrics = metrics;
  }

  /** From now on requests are refused. */
  void shutDown() {
    shuttingDown = true;
  }

  boolean isShuttingDown() {
    return shuttingDown;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (RequestMemory.Share share = memory.share()) {
      handle(new Call(exchange, share));
    }
  }

  private void handle(Call call) throws IOException {
    Route route = routes.get(call.path());
    if (route == null) {
      route = files.route(call.path());
    }
    metrics.started();
    try {
      answer(call, route);
    } finally {
      metrics.ended(route == null ? "other" : route.path(), call);
    }
  }

  private void answer(Call call, Route route) throws IOException {
    try {
      if (shuttingDown) {
        call.closeConnection();
      }
      handler(call, route).handle(call);
    } catch (ApiException e) {
      bodies.discard(call);
      call.sendError(e.code(), e.getMessage());
    } catch (RuntimeException | Error e) {
      LOG.error(Printable.line(call.method() + " " + call.path()) + " failed", e);
      if (call.status() != 0) {
        throw new IOException("failed after the answer had begun", e);
      }
      bodies.discard(call);
      call.sendError(ErrorCode.INTERNAL_ERROR, "The server has failed; its log says how.");
    }
  }

  private Handler handler(Call call, Route route) throws ApiException {
    hosts.check(call.headers("Host"));
    if (shuttingDown && !call.path().equals(HEALTH)) {
      throw new ApiException(ErrorCode.SHUTTING_DOWN, "The server is about to end.");
    }
    if (route == null) {
      throw new ApiException(ErrorCode.NOT_FOUND, "There is nothing at this path.");
    }
    Handler handler = route.handler(call.method());
    if (handler == null) {
      call.setHeader("Allow", route.allow());
      throw new ApiException(
          ErrorCode.METHOD_NOT_ALLOWED, "This path answers to " + route.allow() + " only.");
    }
    return handler;
  }
}
