package org.gpt2j.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the environment variables of the hub's own library say (huggingface_hub, constants.py and
 * utils/_auth.py). An empty variable counts as none.
 */
final class HubEnvironment {
  private static final String DEFAULT_ENDPOINT = "https://huggingface.co";
  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
  private static final Pattern VARIABLE = Pattern.compile("\\$(\\w+)|\\$\\{([^}]*)}");
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");

  private final Map<String, String> variables;

  HubEnvironment(Map<String, String> variables) {
    this.variables = variables;
  }

  /**
   * What is sent to the hub to be let in.
   *
   * @param source the variable or file that it comes from
   */
  record Token(String value, String source) {
    /** Leaves the value out, lest it come into a log. */
    @Override
    public String toString() {
      return "token of " + source;
    }
  }

  /** HF_HUB_CACHE, or its older name, or hub in {@link #home}. */
  Path cacheDirectory() {
    String hub = first("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE");
    return hub != null ? expand(hub) : home().resolve("hub");
  }

  /** HF_HOME, or huggingface in the user's cache. */
  private Path home() {
    String home = first("HF_HOME");
    if (home != null) {
      return expand(home);
    }
    String userCache = first("XDG_CACHE_HOME");
    return expand(userCache == null ? "~/.cache" : userCache).resolve("huggingface");
  }

  /** HF_ENDPOINT, without a slash at its end. */
  URI endpoint() {
    String text = first("HF_ENDPOINT");
    if (text == null) {
      return URI.create(DEFAULT_ENDPOINT);
    }
    try {
      URI uri = new URI(text.replaceFirst("/+$", ""));
      boolean http = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      if (http && uri.getHost() != null && uri.getQuery() == null && uri.getFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Refused below, as other addresses that are no endpoint.
    }
    throw new IllegalArgumentException(
        "HF_ENDPOINT: expected an address like " + DEFAULT_ENDPOINT + ", found `" + text + "`");
  }

  /** The setting that forbids the network, such as `HF_HUB_OFFLINE=1`, else null. */
  String offline() {
    for (String name : new String[] {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}) {
      String value = first(name);
      if (value != null) {
        return isTrue(value) ? name + "=" + value : null;
      }
    }
    return null;
  }

  /**
   * HF_TOKEN, or its older name, or the file that `hf auth login` writes; null if there is none.
   */
  Token token() throws IOException {
    if (isTrue(first("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) {
      return null;
    }
    for (String name : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
      String value = first(name);
      if (value != null) {
        return token(value, name);
      }
    }
    String path = first("HF_TOKEN_PATH");
    Path file = path == null ? home().resolve("token") : expand(path);
    return Files.isRegularFile(file)
        ? token(Files.readString(file, StandardCharsets.ISO_8859_1), file.toString())
        : null;
  }

  private static Token token(String text, String source) {
    String value = text.strip();
    if (value.isEmpty()) {
      return null;
    }
    if (!TOKEN.matcher(value).matches()) {
      throw new IllegalArgumentException(
          source + ": expected a token of visible ASCII characters, found other ones in it");
    }
    return new Token(value, source);
  }

  /** How long to wait for a connection, and for the answer about a file. */
  Duration metadataTimeout() {
    return seconds("HF_HUB_ETAG_TIMEOUT");
  }

  /** How long to wait for the next bytes of a file. */
  Duration downloadTimeout() {
    return seconds("HF_HUB_DOWNLOAD_TIMEOUT");
  }

  private Duration seconds(String name) {
    String value = first(name);
    if (value == null) {
      return Duration.ofSeconds(10);
    }
    if (!value.matches("0*[1-9]\\d{0,5}")) {
      throw new IllegalArgumentException(
          name + ": expected a number of seconds above 0, found `" + value + "`");
    }
    return Duration.ofSeconds(Long.parseLong(value));
  }

  /** Whether a snapshot may hold links to the blobs. */
  boolean symlinks() {
    return !isTrue(first("HF_HUB_DISABLE_SYMLINKS"));
  }

  private static boolean isTrue(String value) {
    return value != null && TRUE.contains(value.toUpperCase(Locale.ROOT));
  }

  private String first(String... names) {
    for (String name : names) {
      String value = variables.get(name);
      if (value != null && !value.isEmpty()) {
        return value;
      }
    }
    return null;
  }

  /** Python's expandvars(expanduser(path)): unknown variables stay as they are. */
  private Path expand(String path) {
    if (path.equals("~") || path.startsWith("~/")) {
      String home = first("HOME");
      path = (home == null ? System.getProperty("user.home") : home) + path.substring(1);
    }
    return Path.of(
        VARIABLE
            .matcher(path)
            .replaceAll(
                match -> {
                  String name = match.group(1) == null ? match.group(2) : match.group(1);
                  return Matcher.quoteReplacement(variables.getOrDefault(name, match.group()));
                }));
  }
}
