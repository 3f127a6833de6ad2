package org.gpt2j.hub;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Finds the directory of a pretrained model: a local directory, or a model in the Hugging Face
 * cache, or, where a {@link Hub} is given, on the hub.
 */
public final class PretrainedPath {
  private final HubEnvironment environment;
  private final Hub hub;

  /** A resolver that looks into the given environment variables, and downloads nothing. */
  PretrainedPath(Map<String, String> environment) {
    this.environment = new HubEnvironment(environment);
    this.hub = null;
  }

  private PretrainedPath(Hub hub) {
    this.environment = hub.environment();
    this.hub = hub;
  }

  /**
   * The directory of a model; nothing is downloaded.
   *
   * @param baseArg a directory, or the name of a model on the hub, e.g. {@code gpt2}, {@code
   *     org/name} or {@code org/name@revision}
   * @throws IOException if there is no such directory and the cache has no such model
   * @throws IllegalArgumentException if it is neither a directory nor a possible name
   */
  public static Path resolve(String baseArg) throws IOException {
    return new PretrainedPath(System.getenv()).find(baseArg);
  }

  /**
   * As above, but a model that the cache lacks, or has a part of, is downloaded.
   *
   * @param hub where from; its environment says where the cache is, and whether the network is
   *     forbidden
   * @throws HubException if it cannot be downloaded
   */
  public static Path resolve(String baseArg, Hub hub) throws IOException {
    return new PretrainedPath(hub).find(baseArg);
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
    HubName name =
        HubName.parse(baseArg)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "base model: expected an existing directory or a hub name like gpt2 or"
                            + " org/name, found `"
                            + baseArg
                            + "`"));
    HubCache cache = new HubCache(environment, name);
    Path snapshot = cache.snapshot();
    boolean mayDownload = hub != null && environment.offline() == null;
    if (snapshot != null && (!mayDownload || HubFiles.areIn(cache))) {
      return snapshot;
    }
    if (mayDownload) {
      return HubFiles.weightsAreIn(cache) ? completed(baseArg, snapshot) : hub.download(baseArg);
    }
    throw new FileNotFoundException(
        "%s is neither a directory nor a model in the Hugging Face cache %s%s"
            .formatted(baseArg, cache.root(), whyNotDownloaded(baseArg)));
  }

  /** Python may have loaded the weights alone, which can be enough: then the hub is not needed. */
  private Path completed(String baseArg, Path snapshot) throws IOException {
    try {
      return hub.download(baseArg, 1);
    } catch (HubException e) {
      hub.noteCached(baseArg, e);
      return snapshot;
    }
  }

  private String whyNotDownloaded(String baseArg) {
    return hub == null
        ? " (`java -jar training.jar download " + baseArg + "` or Hub.download fills the cache)"
        : ", and " + environment.offline() + " keeps it from being downloaded";
  }

  private static Path localPath(String baseArg) {
    try {
      return baseArg.isBlank() ? null : Path.of(baseArg);
    } catch (InvalidPathException e) {
      return null;
    }
  }
}
