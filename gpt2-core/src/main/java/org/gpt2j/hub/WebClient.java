package org.gpt2j.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;

/**
 * HTTP with the JDK's client, whose proxy settings apply (`-Dhttps.proxyHost` and the like). It
 * follows redirects itself: a token goes to the server that it is for and nowhere else.
 */
final class WebClient {
  private static final int REDIRECTS = 10;

  private final HttpClient client;
  private final Duration timeout;
  private final URI tokenServer;
  private final String token;

  /**
   * @param connectTimeout limit on making a connection
   * @param timeout limit on the wait for an answer, and for the next bytes of it
   * @param tokenServer where the token may go; null where there is no token
   */
  WebClient(Duration connectTimeout, Duration timeout, URI tokenServer, String token) {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(connectTimeout)
            .build();
    this.timeout = timeout;
    this.tokenServer = tokenServer;
    this.token = token;
  }

  /** Whether both addresses are of the same server: scheme, host and port. */
  static boolean sameServer(URI a, URI b) {
    return a.getScheme().equalsIgnoreCase(b.getScheme())
        && a.getHost().equalsIgnoreCase(b.getHost())
        && port(a) == port(b);
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  /** An address without what follows its path, which may let in whoever knows it. */
  static String shown(URI uri) {
    return uri.toString().replaceFirst("[?#].*", "");
  }

  /**
   * GET, over redirects. The caller closes the body.
   *
   * @param from first byte that is wanted
   * @return an answer with any status but a redirect and those of {@link #exchange}
   */
  HttpResponse<ResponseBody> get(URI uri, long from) throws IOException {
    Redirects redirects = new Redirects(uri);
    while (true) {
      HttpResponse<ResponseBody> response = exchange("GET", redirects.at(), from);
      URI target = redirect(response);
      if (target == null) {
        return response;
      }
      response.body().close();
      redirects.follow(target);
    }
  }

  /** Where a request has been sent on to. */
  static final class Redirects {
    private final URI first;
    private URI at;
    private int count;

    Redirects(URI first) {
      this.first = first;
      this.at = first;
    }

    URI at() {
      return at;
    }

    void follow(URI target) throws HubException {
      if (++count > REDIRECTS) {
        throw new HubException(
            shown(first) + ": expected a file, found more than " + REDIRECTS + " redirects");
      }
      if (at.getScheme().equalsIgnoreCase("https")
          && !target.getScheme().equalsIgnoreCase("https")) {
        throw new HubException(
            shown(at) + ": expected a redirect to https, found one to " + shown(target));
      }
      at = target;
    }
  }

  /**
   * One request and the head of its answer.
   *
   * @throws TemporaryFailure if there is no answer, or its status is 408, 429 or 5xx
   */
  HttpResponse<ResponseBody> exchange(String method, URI uri, long from) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("User-Agent", "gpt2j")
            // The size of the file is wanted, and ranges of its own bytes.
            .header("Accept-Encoding", "identity");
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    if (token != null && sameServer(uri, tokenServer)) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<ResponseBody> response = send(request.build());
    int status = response.statusCode();
    if (status == 408 || status == 429 || status >= 500) {
      response.body().close();
      String what = status == 429 ? "too many requests (429)" : "the server answered " + status;
      throw new TemporaryFailure(
          shown(uri) + ": " + what, RetryAfter.of(response.headers(), Instant.now()), null);
    }
    return response;
  }

  private HttpResponse<ResponseBody> send(HttpRequest request) throws IOException {
    String where = shown(request.uri());
    CompletableFuture<HttpResponse<ResponseBody>> answer =
        client.sendAsync(request, info -> new ResponseBody(timeout));
    try {
      // Not the request's own timeout, which from JDK 26 on takes in the body.
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new TemporaryFailure(where + ": no answer in " + timeout.toSeconds() + " s", null, e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while downloading " + where);
    } catch (ExecutionException e) {
      throw failure(where, request.uri(), e.getCause());
    }
  }

  private static HubException failure(String where, URI uri, Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof UnresolvedAddressException) {
        return new HubException(
            where + ": the host " + uri.getHost() + " is not known; is there a network?",
            true,
            cause);
      }
      if (t instanceof SSLHandshakeException) {
        return new HubException(where + ": no safe connection: " + t.getMessage(), true, cause);
      }
    }
    String why = Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
    return new TemporaryFailure(where + ": no connection (" + why + ")", null, cause);
  }

  /** Where a redirect leads; null where the answer is none. */
  static URI redirect(HttpResponse<?> response) throws HubException {
    int status = response.statusCode();
    if (status < 300 || status > 399 || status == 304) {
      return null;
    }
    String location = response.headers().firstValue("Location").orElse("");
    try {
      URI target = response.uri().resolve(new URI(location));
      String scheme = Objects.toString(target.getScheme(), "").toLowerCase(Locale.ROOT);
      if (!location.isEmpty()
          && target.getHost() != null
          && (scheme.equals("http") || scheme.equals("https"))) {
        return target;
      }
    } catch (URISyntaxException e) {
      // Refused below, as other places that are no address.
    }
    throw new HubException(
        shown(response.uri()) + ": expected the address of a redirect, found an unusable one");
  }
}
