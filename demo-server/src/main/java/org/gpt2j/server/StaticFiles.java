package org.gpt2j.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.gpt2j.io.Digest;

/** The page's files: those of the class-path folder {@code web} beside this class. */
final class StaticFiles {
  private static final String FOLDER = "web";

  /** Names without dots at their start, so that nothing outside the folder can be named. */
  private static final Pattern PATH =
      Pattern.compile("(?:/[\\w-]+)*/[\\w-]+(?:\\.[\\w-]+)*\\.(\\w+)");

  /** A longer one would overflow the pattern's stack. */
  private static final int LONGEST_PATH = 200;

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "json", "application/json; charset=utf-8",
          "webmanifest", "application/manifest+json",
          "txt", "text/plain; charset=utf-8",
          "csv", "text/csv; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon");

  private record WebFile(byte[] bytes, String type, String etag) {}

  /** Files that are there: their number is bounded by the jar's. */
  private final Map<String, WebFile> files = new ConcurrentHashMap<>();

  /** The route of a file, null if there is none at this path. */
  Route route(String path) {
    String name = path.equals("/") ? "/index.html" : path;
    WebFile file = files.computeIfAbsent(name, StaticFiles::load);
    return file == null ? null : new Route(path, Map.of("GET", call -> send(call, file)));
  }

  private static void send(Call call, WebFile file) throws IOException {
    call.setHeader("Cache-Control", "no-cache");
    call.setHeader("ETag", file.etag());
    boolean known = file.etag().equals(call.header("If-None-Match"));
    call.send(known ? 304 : 200, file.type(), file.bytes());
  }

  private static WebFile load(String path) {
    if (path.length() > LONGEST_PATH) {
      return null;
    }
    Matcher matcher = PATH.matcher(path);
    String type = matcher.matches() ? TYPES.get(matcher.group(1)) : null;
    if (type == null) {
      return null;
    }
    try (InputStream in = StaticFiles.class.getResourceAsStream(FOLDER + path)) {
      if (in == null) {
        return null;
      }
      byte[] bytes = in.readAllBytes();
      byte[] hash = Digest.of("SHA-256").digest(bytes);
      return new WebFile(bytes, type, '"' + HexFormat.of().formatHex(hash, 0, 8) + '"');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
