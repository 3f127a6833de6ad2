package org.gpt2j.hub;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Downloads models of the Hugging Face hub into the cache that its own library uses, so that both
 * find what the other has downloaded.
 *
 * <pre>{@code
 * Path gpt2 = new Hub(System.getenv(), DownloadListener.NONE).download("gpt2");
 * }</pre>
 *
 * <p>It heeds the environment variables HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME,
 * XDG_CACHE_HOME, HF_ENDPOINT, HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH,
 * HF_HUB_DISABLE_IMPLICIT_TOKEN, HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE, HF_HUB_ETAG_TIMEOUT,
 * HF_HUB_DOWNLOAD_TIMEOUT and HF_HUB_DISABLE_SYMLINKS. A proxy is set as for all of Java:
 * `-Dhttps.proxyHost=... -Dhttps.proxyPort=...`.
 *
 * <p>What is interrupted goes on where it stopped, also in another process; several processes may
 * download the same. Every file's size and hash are checked. Safe for many threads if the listener
 * is.
 */
public final class Hub {
  private final HubEnvironment environment;
  private final DownloadListener listener;
  private final Sleeper sleeper;

  /**
   * @param environment variables, usually {@link System#getenv()}
   * @param listener hears how it goes
   */
  public Hub(Map<String, String> environment, DownloadListener listener) {
    this(environment, listener, Sleeper.REAL);
  }

  Hub(Map<String, String> environment, DownloadListener listener, Sleeper sleeper) {
    this.environment = new HubEnvironment(environment);
    this.listener = listener;
    this.sleeper = sleeper;
  }

  HubEnvironment environment() {
    return environment;
  }

  /**
   * The setting that forbids the network, such as {@code HF_HUB_OFFLINE=1}; null where none does.
   */
  public String offline() {
    return environment.offline();
  }

  /**
   * Brings the files of a model that are read here into the cache: config.json, model.safetensors
   * or the shards that its index names, or those of an adapter, and a tokenizer's. Without a
   * connection, what the cache has of the revision is taken.
   *
   * @param name {@code gpt2}, {@code org/name} or {@code org/name@revision}; a revision is a
   *     branch, a tag or a commit
   * @return the directory of the files
   * @throws IllegalArgumentException if it is no possible name, or a variable has no possible value
   * @throws HubException if the hub cannot be reached, refuses, or lacks the model or a file of it
   * @throws IOException if the network is forbidden and the cache lacks the model, or if the cache
   *     cannot be written
   */
  public Path download(String name) throws IOException {
    return download(name, Retries.ATTEMPTS);
  }

  /**
   * As above.
   *
   * @param attempts to reach the hub, where the cache lacks the model
   */
  Path download(String name, int attempts) throws IOException {
    HubName parsed =
        HubName.parse(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "model: expected a hub name like gpt2, org/name or org/name@revision, found"
                            + " `"
                            + name
                            + "`"));
    HubCache cache = new HubCache(environment, parsed);
    boolean cached = HubFiles.areIn(cache);
    if (cached && (parsed.namesCommit() || offline() != null)) {
      return cache.snapshot();
    }
    if (offline() != null) {
      throw new FileNotFoundException(
          "%s is not in the Hugging Face cache %s, and %s keeps it from being downloaded"
              .formatted(name, cache.root(), offline()));
    }
    try {
      return download(parsed, cache, cached ? 1 : attempts);
    } catch (HubException e) {
      if (!e.unavailable() || !cached) {
        throw e;
      }
      noteCached(name, e);
      return cache.snapshot();
    }
  }

  void noteCached(String name, HubException why) {
    listener.note(why.getMessage() + "; taking " + name + " as the cache has it");
  }

  private Path download(HubName name, HubCache cache, int attempts) throws IOException {
    HubClient client = new HubClient(environment, name, sleeper, listener);
    HubFiles files = HubFiles.ask(client, cache, name, attempts);
    if (!files.wanted().isEmpty()) {
      listener.note(
          "downloading %s from %s into %s".formatted(name, environment.endpoint(), cache.root()));
      cache.create();
    }
    for (Map.Entry<String, HubFileInfo> file : List.copyOf(files.wanted().entrySet())) {
      new HubDownload(client, cache, listener, file.getKey(), file.getValue()).run();
    }
    for (Map.Entry<String, HubFileInfo> shard : files.askShards().entrySet()) {
      new HubDownload(client, cache, listener, shard.getKey(), shard.getValue()).run();
    }
    // Now all is there: the snapshot appears as a whole, as near as links can.
    for (Map.Entry<String, HubFileInfo> file : files.wanted().entrySet()) {
      cache.link(files.commit(), file.getKey(), file.getValue().blob(file.getKey()));
    }
    cache.writeRef(files.commit());
    return cache.snapshot(files.commit());
  }
}
