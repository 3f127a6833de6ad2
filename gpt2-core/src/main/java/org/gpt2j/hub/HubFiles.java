package org.gpt2j.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.gpt2j.io.JsonFile;
import org.gpt2j.io.Printable;

/**
 * Which files of a model are wanted: its config and weights, in one file or in shards, or an
 * adapter's, and a tokenizer's.
 */
final class HubFiles {
  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final String INDEX = WEIGHTS + ".index.json";
  private static final List<String> ADAPTER =
      List.of("adapter_config.json", "adapter_model.safetensors");
  private static final String TOKENIZER = "tokenizer.json";
  private static final List<String> OLD_TOKENIZER = List.of("vocab.json", "merges.txt");
  private static final List<String> OPTIONAL =
      List.of(
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "generation_config.json");

  private final HubClient client;
  private final HubCache cache;
  private final HubName name;
  private final Map<String, HubFileInfo> wanted = new LinkedHashMap<>();
  private String commit;

  private HubFiles(HubClient client, HubCache cache, HubName name) {
    this.client = client;
    this.cache = cache;
    this.name = name;
    this.commit = name.namesCommit() ? name.revision() : null;
  }

  /** Whether a snapshot has what {@link #ask} wants, as far as can be told without the hub. */
  static boolean areIn(HubCache cache) throws IOException {
    if (!weightsAreIn(cache)) {
      return false;
    }
    String commit = cache.commit();
    boolean tokenizer =
        cache.has(commit, TOKENIZER)
            || OLD_TOKENIZER.stream().allMatch(file -> cache.has(commit, file));
    boolean hasNone =
        cache.isKnownToLack(commit, TOKENIZER)
            && OLD_TOKENIZER.stream().anyMatch(file -> cache.isKnownToLack(commit, file));
    return tokenizer || hasNone;
  }

  /** Whether it has what is enough beside a tokenizer from elsewhere. */
  static boolean weightsAreIn(HubCache cache) throws IOException {
    if (cache.snapshot() == null) {
      return false;
    }
    String commit = cache.commit();
    return cache.has(commit, CONFIG) && (cache.has(commit, WEIGHTS) || shardsAreIn(cache, commit))
        || ADAPTER.stream().allMatch(file -> cache.has(commit, file));
  }

  private static boolean shardsAreIn(HubCache cache, String commit) throws IOException {
    return cache.has(commit, INDEX)
        && shards(cache.snapshot(commit).resolve(INDEX)).stream()
            .allMatch(file -> cache.has(commit, file));
  }

  /**
   * The files that an index names.
   *
   * @throws HubException if one is no safetensors file of the model's own folder
   */
  private static Set<String> shards(Path index) throws IOException {
    Set<String> shards = new TreeSet<>();
    for (JsonNode shard : JsonFile.read(index).path("weight_map")) {
      if (!shard.asText().matches("\\w[\\w.-]*\\.safetensors")) {
        throw new HubException(
            index
                + ": weight_map: expected names of safetensors files, found "
                + Printable.line(shard.toString()));
      }
      shards.add(shard.asText());
    }
    return shards;
  }

  /**
   * Asks the hub about the files that the cache lacks. The first answer names the commit that all
   * files are then taken from.
   *
   * @param attempts for the first question
   */
  static HubFiles ask(HubClient client, HubCache cache, HubName name, int attempts)
      throws IOException {
    HubFiles files = new HubFiles(client, cache, name);
    boolean config = files.ask(CONFIG, attempts);
    boolean weights = files.ask(WEIGHTS) || files.ask(INDEX);
    if (!weights && !files.askAll(ADAPTER)) {
      throw new HubException(
          "%s: expected %s or an adapter's %s, found neither; other formats are not read"
              .formatted(name, WEIGHTS, ADAPTER.get(1)));
    }
    if (weights && !config) {
      throw new HubException(
          "%s: expected %s beside %s, found none".formatted(name, CONFIG, WEIGHTS));
    }
    files.ask(TOKENIZER);
    files.askAll(OLD_TOKENIZER);
    files.askAll(OPTIONAL);
    return files;
  }

  /**
   * Asks about the shards of an index, which is here by now.
   *
   * @return those that the cache lacks; none where the weights are one file
   */
  Map<String, HubFileInfo> askShards() throws IOException {
    HubFileInfo info = wanted.get(INDEX);
    if (info == null && (!cache.has(commit, INDEX) || cache.has(commit, WEIGHTS))) {
      return Map.of();
    }
    Path index = info == null ? cache.snapshot(commit).resolve(INDEX) : cache.blob(info.etag());
    Map<String, HubFileInfo> before = Map.copyOf(wanted);
    for (String shard : shards(index)) {
      if (!ask(shard)) {
        throw new HubException(
            "%s: expected the file %s, which %s names, found none"
                .formatted(name, Printable.line(shard), INDEX));
      }
    }
    Map<String, HubFileInfo> shards = new LinkedHashMap<>(wanted);
    shards.keySet().removeAll(before.keySet());
    return shards;
  }

  private boolean askAll(List<String> files) throws IOException {
    boolean all = true;
    for (String file : files) {
      all &= ask(file);
    }
    return all;
  }

  private boolean ask(String file) throws IOException {
    return ask(file, Retries.ATTEMPTS);
  }

  /** Whether the model has the file. */
  private boolean ask(String file, int attempts) throws IOException {
    if (commit != null && cache.has(commit, file)) {
      return true;
    }
    if (commit != null && cache.isKnownToLack(commit, file)) {
      return false;
    }
    try {
      HubFileInfo info = client.info(commit == null ? name.revision() : commit, file, attempts);
      commit = commit == null ? info.commit() : commit;
      if (!cache.has(commit, file)) {
        wanted.put(file, new HubFileInfo(commit, info.etag(), info.size()));
      }
      return true;
    } catch (MissingFileException e) {
      commit = commit == null ? e.commit() : commit;
      if (commit != null) {
        cache.markMissing(commit, file);
      }
      return false;
    }
  }

  /** The files that the cache lacks. */
  Map<String, HubFileInfo> wanted() {
    return wanted;
  }

  String commit() {
    return commit;
  }
}
