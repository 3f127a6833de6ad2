package org.gpt2j.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A small file of any site, without any token. */
public final class WebFile {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private WebFile() {}

  /**
   * Downloads a file into memory, over redirects and broken connections.
   *
   * @param uri of http or https
   * @param maxBytes that the file may have
   * @param listener hears how it goes; the total stays 0 where the server does not say it
   * @throws HubException if the server does not answer, or does not give the file
   */
  public static byte[] read(URI uri, int maxBytes, DownloadListener listener) throws IOException {
    return read(uri, maxBytes, listener, Sleeper.REAL);
  }

  static byte[] read(URI uri, int maxBytes, DownloadListener listener, Sleeper sleeper)
      throws IOException {
    WebClient client = new WebClient(TIMEOUT, TIMEOUT, null, null);
    Retries retries = new Retries(sleeper, listener, Retries.ATTEMPTS);
    while (true) {
      try {
        return read(client, uri, maxBytes, listener);
      } catch (TemporaryFailure e) {
        retries.waitAfter(e);
      }
    }
  }

  private static byte[] read(WebClient client, URI uri, int maxBytes, DownloadListener listener)
      throws IOException {
    String name = WebClient.shown(uri);
    HttpResponse<ResponseBody> response = client.get(uri, 0);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (ResponseBody body = response.body()) {
      if (response.statusCode() != 200) {
        throw new HubException(
            name + ": expected a file, found the status " + response.statusCode());
      }
      long total = response.headers().firstValueAsLong("Content-Length").orElse(0);
      for (List<ByteBuffer> next = body.next(); next != null; next = body.next()) {
        for (ByteBuffer bytes : next) {
          if (all.size() + bytes.remaining() > maxBytes) {
            throw new HubException(
                String.format(
                    Locale.ROOT, "%s: expected at most %,d bytes, found more", name, maxBytes));
          }
          byte[] copy = new byte[bytes.remaining()];
          bytes.get(copy);
          all.write(copy, 0, copy.length);
        }
        listener.progress(name, all.size(), total);
      }
    }
    return all.toByteArray();
  }
}
