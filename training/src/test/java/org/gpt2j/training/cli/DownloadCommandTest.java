package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.gpt2j.io.Directories;
import org.gpt2j.io.JsonFile;
import org.gpt2j.testing.FakeHub;
import org.gpt2j.training.TinyModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models by name, from a server that behaves like the hub. */
class DownloadCommandTest {
  private static final String COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e";
  private static final String NAME = "org/tiny";

  @TempDir Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private FakeHub hub;
  private Path cache;

  @BeforeEach
  void start() throws IOException {
    hub = new FakeHub();
    cache = dir.resolve("cache");
    Map<String, byte[]> files = new HashMap<>();
    try (Stream<Path> all = Files.list(TinyModel.saveBase(dir.resolve("base")))) {
      for (Path file : all.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    hub.add(NAME, "main", COMMIT, files);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private int run(Object... args) {
    Map<String, String> environment =
        Map.of(
            "HF_ENDPOINT", hub.endpoint(),
            "HF_HUB_CACHE", cache.toString(),
            "HF_TOKEN_PATH", dir.resolve("none").toString());
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.commandLine(environment)
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(Stream.of(args).map(Object::toString).toArray(String[]::new));
  }

  private Path snapshot() {
    return cache.resolve("models--org--tiny/snapshots/" + COMMIT);
  }

  @Test
  void printsWhereTheModelIs() {
    assertThat(run("download", NAME)).as(err.toString()).isZero();
    assertThat(out.toString().lines()).containsExactly(snapshot().toString());
    assertThat(err.toString().lines())
        .startsWith("downloading org/tiny from " + hub.endpoint() + " into " + cache)
        .anyMatch(line -> line.startsWith("model.safetensors: "));
    assertThat(run("download", NAME, NAME + "@" + COMMIT)).isZero();
    assertThat(out.toString().lines()).hasSize(2).containsOnly(snapshot().toString());
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aModelThatIsNotThereIsOneSentence() {
    assertThat(run("download", "org/none")).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: org/none: there is no such model on "
                + hub.endpoint()
                + " (401); for a private one, give a token by HF_TOKEN or `hf auth login`");
  }

  /** As base of a training, and of the adapter that came from it, each with an empty cache. */
  @Test
  void aBaseIsDownloadedWhereTheCacheLacksIt() throws IOException {
    Path data = dir.resolve("sms.tsv");
    Files.write(
        data, TinyModel.messages(60).stream().map(m -> m.label() + "\t" + m.text()).toList());
    Path adapter = dir.resolve("adapter");
    String downloading = "downloading org/tiny from " + hub.endpoint();
    int exit =
        run("train", "--base", NAME, "--data", data, "--output", adapter, "--max-steps", "1");
    assertThat(exit).as(err.toString()).isZero();
    assertThat(err.toString()).contains(downloading);
    assertThat(snapshot().resolve("model.safetensors")).exists();
    assertThat(
            JsonFile.read(adapter.resolve("adapter_config.json"))
                .get("base_model_name_or_path")
                .asText())
        .isEqualTo(NAME);

    assertThat(run("classify", "--model", adapter, "see you")).as(err.toString()).isZero();
    assertThat(err.toString()).doesNotContain(downloading);
    Directories.delete(cache);
    assertThat(run("classify", "--model", adapter, "see you")).as(err.toString()).isZero();
    assertThat(err.toString()).contains(downloading);
    Directories.delete(cache);
    assertThat(run("evaluate", "--model", adapter, "--data", data)).as(err.toString()).isZero();
    assertThat(err.toString()).contains(downloading);
    Directories.delete(cache);
    assertThat(run("generate", "--model", NAME, "--max-new-tokens", "1", "see"))
        .as(err.toString())
        .isZero();
    assertThat(err.toString()).contains(downloading);
  }
}
