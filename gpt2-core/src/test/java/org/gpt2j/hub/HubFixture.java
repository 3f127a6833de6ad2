package org.gpt2j.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.gpt2j.testing.FakeHub;

/** A hub with a model `gpt2`, an empty cache, and a listener and a sleeper that write down. */
final class HubFixture implements DownloadListener, AutoCloseable {
  static final String COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e";
  static final String WEIGHTS = "model.safetensors";
  static final byte[] CONFIG = FakeHub.bytes("{\"model_type\": \"gpt2\"}");
  static final byte[] CONTENT = content(100_000);
  static final String HASH = FakeHub.sha256(CONTENT);

  final FakeHub server = new FakeHub();
  final Path cache;
  final Map<String, String> environment = new HashMap<>();
  final List<String> notes = Collections.synchronizedList(new ArrayList<>());
  final List<String> progress = Collections.synchronizedList(new ArrayList<>());
  final List<Long> pauses = Collections.synchronizedList(new ArrayList<>());

  HubFixture(Path cache) throws IOException {
    this.cache = cache;
    environment.put("HF_ENDPOINT", server.endpoint() + "/");
    environment.put("HF_HUB_CACHE", cache.toString());
    environment.put("HF_TOKEN_PATH", cache.resolve("no-token").toString());
    server.add("gpt2", "main", COMMIT, model());
  }

  private static byte[] content(int size) {
    byte[] content = new byte[size];
    new Random(1).nextBytes(content);
    return content;
  }

  static Map<String, byte[]> model() {
    Map<String, byte[]> files = new HashMap<>();
    files.put("config.json", CONFIG);
    files.put(WEIGHTS, CONTENT);
    files.put("tokenizer.json", FakeHub.bytes("{\"version\": \"1.0\"}"));
    files.put("vocab.json", FakeHub.bytes("{}"));
    files.put("merges.txt", FakeHub.bytes("#version: 0.2\n"));
    files.put("tokenizer_config.json", FakeHub.bytes("{\"model_max_length\": 1024}"));
    files.put("README.md", FakeHub.bytes("not wanted"));
    return files;
  }

  Hub hub() {
    return new Hub(environment, this, (Duration d) -> pauses.add(d.toSeconds()));
  }

  Path download() throws IOException {
    return hub().download("gpt2");
  }

  Path model(String path) {
    return cache.resolve("models--gpt2").resolve(path);
  }

  Path incomplete() {
    return model("blobs/" + HASH + ".incomplete");
  }

  /** Leaves what an earlier download could have left. */
  void leaveIncomplete(byte[] content) throws IOException {
    Files.createDirectories(incomplete().getParent());
    Files.write(incomplete(), content);
  }

  /** The ranges that were asked for of the weights, null for all of them. */
  List<String> ranges() {
    return server.requests().stream().filter(r -> !r.toHub()).map(r -> r.header("Range")).toList();
  }

  /** The files of all snapshots. */
  List<String> visible() throws IOException {
    if (!Files.exists(model("snapshots"))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(model("snapshots"))) {
      return files
          .filter(p -> !Files.isDirectory(p))
          .map(p -> model("snapshots").relativize(p).toString())
          .sorted()
          .toList();
    }
  }

  @Override
  public void note(String sentence) {
    notes.add(sentence);
  }

  @Override
  public void progress(String file, long done, long total) {
    progress.add(file + " " + done + "/" + total);
  }

  @Override
  public void close() {
    server.close();
  }
}
