package org.gpt2j.hub;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.Optional;

/** Asks the hub about the files of one model, and for their bytes. */
final class HubClient {
  private final HubName name;
  private final URI endpoint;
  private final HubEnvironment.Token token;
  private final WebClient metadata;
  private final WebClient content;
  private final Sleeper sleeper;
  private final DownloadListener listener;

  HubClient(HubEnvironment environment, HubName name, Sleeper sleeper, DownloadListener listener)
      throws IOException {
    this.name = name;
    this.endpoint = environment.endpoint();
    this.token = environment.token();
    this.sleeper = sleeper;
    this.listener = listener;
    String secret = token == null ? null : token.value();
    var connect = environment.metadataTimeout();
    this.metadata = new WebClient(connect, connect, endpoint, secret);
    this.content = new WebClient(connect, environment.downloadTimeout(), endpoint, secret);
  }

  Retries retries(int attempts) {
    return new Retries(sleeper, listener, attempts);
  }

  private URI uri(String revision, String file) {
    // Names and revisions hold no other characters that a path cannot.
    String escaped = revision.replace("/", "%2F").replace("+", "%2B");
    return URI.create(endpoint + "/" + name.repo() + "/resolve/" + escaped + "/" + file);
  }

  /**
   * What the hub says of a file.
   *
   * @throws MissingFileException if the revision has no such file
   * @throws HubException if the hub does not answer, or refuses
   */
  HubFileInfo info(String revision, String file, int attempts) throws IOException {
    Retries retries = retries(attempts);
    while (true) {
      try {
        return info(revision, file);
      } catch (TemporaryFailure e) {
        retries.waitAfter(e);
      }
    }
  }

  /**
   * Redirects are followed while they stay on the hub's server (a model that was renamed). One that
   * leads to another, where the bytes lie, itself has the headers that tell of the file.
   */
  private HubFileInfo info(String revision, String file) throws IOException {
    WebClient.Redirects redirects = new WebClient.Redirects(uri(revision, file));
    while (true) {
      HttpResponse<ResponseBody> response = metadata.exchange("HEAD", redirects.at(), 0);
      response.body().close();
      HttpHeaders headers = response.headers();
      URI target = WebClient.redirect(response);
      boolean tells =
          headers.firstValue("X-Repo-Commit").isPresent()
              && headers.firstValue("X-Linked-Size").isPresent();
      if (target != null && (WebClient.sameServer(endpoint, target) || !tells)) {
        redirects.follow(target);
        continue;
      }
      if (target == null && response.statusCode() != 200) {
        throw refusal(response, revision, file);
      }
      return read(headers, target == null, redirects.at());
    }
  }

  private static HubFileInfo read(HttpHeaders headers, boolean isFile, URI uri)
      throws HubException {
    String commit = headers.firstValue("X-Repo-Commit").orElse("");
    String etag =
        headers
            .firstValue("X-Linked-Etag")
            .or(() -> headers.firstValue("ETag"))
            .orElse("")
            .replaceFirst("^W/", "")
            .replaceAll("^\"|\"$", "");
    String size =
        headers
            .firstValue("X-Linked-Size")
            .or(() -> isFile ? headers.firstValue("Content-Length") : Optional.empty())
            .orElse("");
    if (!HubName.isCommit(commit) || !HubCache.isEtag(etag) || !size.matches("\\d{1,18}")) {
      throw new HubException(
          WebClient.shown(uri)
              + ": expected the headers of a hub (X-Repo-Commit, ETag, size), found commit `"
              + plain(commit)
              + "`, etag `"
              + plain(etag)
              + "`, size `"
              + plain(size)
              + "`; is HF_ENDPOINT or a proxy wrong?");
    }
    return new HubFileInfo(commit, etag, Long.parseLong(size));
  }

  /** The bytes of a file of a commit, from one on; the caller closes the body. */
  HttpResponse<ResponseBody> get(String commit, String file, long from) throws IOException {
    return content.get(uri(commit, file), from);
  }

  /** What an answer other than the file means (huggingface_hub, utils/_http.py). */
  HubException refusal(HttpResponse<?> response, String revision, String file) {
    HttpHeaders headers = response.headers();
    int status = response.statusCode();
    String code = headers.firstValue("X-Error-Code").orElse("");
    if (code.equals("EntryNotFound")) {
      return new MissingFileException(
          "%s: there is no file %s in revision %s on %s"
              .formatted(name.repo(), file, revision, endpoint),
          headers.firstValue("X-Repo-Commit").filter(HubName::isCommit).orElse(null));
    }
    if (!WebClient.sameServer(endpoint, response.uri())) {
      return new HubException(
          "%s: expected the bytes of %s, found the status %s"
              .formatted(WebClient.shown(response.uri()), file, status));
    }
    if (code.equals("GatedRepo")) {
      String then = token == null ? logIn() : "with the account of the " + token;
      return new HubException(
          "%s is gated (%s): ask for access on %s/%s, %s"
              .formatted(name.repo(), status, endpoint, name.repo(), then));
    }
    if (code.equals("RevisionNotFound")) {
      return new HubException(
          "%s: there is no revision `%s` on %s".formatted(name.repo(), revision, endpoint));
    }
    if (code.equals("RepoNotFound") || status == 401 && token == null) {
      String orPrivate =
          token == null
              ? "; for a private one, " + logIn()
              : ", or the " + token + " may not see it";
      return new HubException(
          "%s: there is no such model on %s (%s)%s"
              .formatted(name.repo(), endpoint, status, orPrivate));
    }
    if (status == 401 || status == 403) {
      String message =
          headers
              .firstValue("X-Error-Message")
              .filter(m -> !m.isBlank())
              .map(m -> ": " + plain(m))
              .orElse("");
      return new HubException(
          "%s: %s refuses access with %s (%s%s)"
              .formatted(
                  name.repo(),
                  endpoint,
                  token == null ? "no token" : "the " + token,
                  status,
                  message));
    }
    if (status == 404) {
      return new HubException(
          "%s: there is no such model, revision or file (404)"
              .formatted(WebClient.shown(response.uri())));
    }
    return new HubException(
        "%s: expected a file, found the status %s"
            .formatted(WebClient.shown(response.uri()), status));
  }

  private static String logIn() {
    return "give a token by HF_TOKEN or `hf auth login`";
  }

  /** A server's words, fit for a terminal. */
  private static String plain(String text) {
    String printable = text.replaceAll("[^ -~]", "?");
    return printable.length() > 200 ? printable.substring(0, 200) + "..." : printable;
  }
}
