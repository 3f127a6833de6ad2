package org.gpt2j.hub;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the directory of a pretrained model: a local directory, or a model in the Hugging Face
 * cache (layout and environment variables: huggingface_hub, constants.py and
 * docs/source/en/guides/manage-cache.md). Nothing is downloaded.
 */
public final class PretrainedPath {
  private static final String NAME_PART = "\\w(?:[\\w.-]*\\w)?";

  /** Name, or organisation and name, as huggingface_hub's validate_repo_id allows them. */
  private static final Pattern HUB_NAME = Pattern.compile("(?:" + NAME_PART + "/)?" + NAME_PART);

  private static final int HUB_NAME_LENGTH = 96;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern VARIABLE = Pattern.compile("\\$(\\w+)|\\$\\{([^}]*)}");

  private final Map<String, String> environment;

  /** A resolver that looks into the given environment variables. */
  PretrainedPath(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * The directory of a model.
   *
   * @param baseArg a directory, or the name of a model on the hub, e.g. {@code gpt2} or {@code
   *     org/name}
   * @throws IOException if there is no such directory and the cache has no such model
   * @throws IllegalArgumentException if it is neither a directory nor a possible name
   */
  public static Path resolve(String baseArg) throws IOException {
    return new PretrainedPath(System.getenv()).find(baseArg);
  }

  Path find(String baseArg) throws IOException {
    Path local = localPath(baseArg);
    if (local != null && Files.isDirectory(local)) {
      return local;
    }
    if (local != null && Files.exists(local)) {
      throw new IOException(
          baseArg + ": expected a model directory with config.json, found a file");
    }
    if (baseArg.length() > HUB_NAME_LENGTH
        || !HUB_NAME.matcher(baseArg).matches()
        || baseArg.contains("--")
        || baseArg.contains("..")
        || baseArg.endsWith(".git")) {
      throw new IllegalArgumentException(
          "base model: expected an existing directory or a hub name like gpt2 or org/name, found `"
              + baseArg
              + "`");
    }
    return inCache(baseArg);
  }

  private static Path localPath(String baseArg) {
    try {
      return baseArg.isBlank() ? null : Path.of(baseArg);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private Path inCache(String name) throws IOException {
    Path cache = cacheDirectory();
    Path model = cache.resolve("models--" + name.replace("/", "--"));
    Path ref = model.resolve("refs").resolve("main");
    if (Files.isRegularFile(ref)) {
      String commit = Files.readString(ref, StandardCharsets.ISO_8859_1).strip();
      if (!COMMIT.matcher(commit).matches()) {
        throw new IOException(ref + ": expected a commit hash of 40 hex digits");
      }
      Path snapshot = model.resolve("snapshots").resolve(commit);
      if (Files.isDirectory(snapshot)) {
        return snapshot;
      }
    }
    throw new FileNotFoundException(
        "%s is neither a directory nor a model in the Hugging Face cache %s, and downloading is not supported yet (`hf download %s` fills the cache)"
            .formatted(name, cache, name));
  }

  /** HF_HUB_CACHE, or its older name, or hub in HF_HOME, or hub in the user's cache. */
  Path cacheDirectory() {
    String hub = first("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE");
    if (hub != null) {
      return expand(hub);
    }
    String home = first("HF_HOME");
    if (home != null) {
      return expand(home).resolve("hub");
    }
    String userCache = first("XDG_CACHE_HOME");
    return expand(userCache == null ? "~/.cache" : userCache).resolve("huggingface").resolve("hub");
  }

  private String first(String... names) {
    for (String name : names) {
      String value = environment.get(name);
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
                  return Matcher.quoteReplacement(environment.getOrDefault(name, match.group()));
                }));
  }
}
