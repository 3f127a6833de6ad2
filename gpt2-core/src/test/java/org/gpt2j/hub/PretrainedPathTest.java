package org.gpt2j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainedPathTest {
  private static final String COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e";

  @TempDir Path directory;

  private PretrainedPath resolver() {
    return new PretrainedPath(Map.of("HF_HUB_CACHE", directory.toString()));
  }

  private Path cached(String folder) throws IOException {
    Path model = directory.resolve(folder);
    Files.createDirectories(model.resolve("refs"));
    Files.writeString(model.resolve("refs").resolve("main"), COMMIT);
    return Files.createDirectories(model.resolve("snapshots").resolve(COMMIT));
  }

  @Test
  void aDirectoryIsItself() throws Exception {
    assertThat(PretrainedPath.resolve(directory.toString())).isEqualTo(directory);
    assertThat(PretrainedPath.resolve(".")).isEqualTo(Path.of("."));
  }

  @Test
  void findsTheSnapshotOfMain() throws Exception {
    Path gpt2 = cached("models--gpt2");
    Path distil = cached("models--distilbert--distilgpt2");
    assertThat(resolver().find("gpt2")).isEqualTo(gpt2);
    assertThat(resolver().find("distilbert/distilgpt2")).isEqualTo(distil);
  }

  @Test
  void aLineEndAfterTheCommitDoesNoHarm() throws Exception {
    Path gpt2 = cached("models--gpt2");
    Files.writeString(directory.resolve("models--gpt2/refs/main"), COMMIT + "\n");
    assertThat(resolver().find("gpt2")).isEqualTo(gpt2);
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, true", "false, false"})
  void saysWhereItLookedForAMissingModel(boolean ref, boolean snapshot) throws Exception {
    Path found = cached("models--gpt2");
    if (!ref) {
      Files.delete(directory.resolve("models--gpt2/refs/main"));
    }
    if (!snapshot) {
      Files.delete(found);
    }
    assertThatThrownBy(() -> resolver().find("gpt2"))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "gpt2 is neither a directory nor a model in the Hugging Face cache "
                + directory
                + " (`java -jar training.jar download gpt2` or Hub.download fills the cache)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../../../etc", "main", "607A", COMMIT + "/.."})
  void refusesARefThatIsNoCommit(String ref) throws Exception {
    cached("models--gpt2");
    Path file = Files.writeString(directory.resolve("models--gpt2/refs/main"), ref);
    assertThatThrownBy(() -> resolver().find("gpt2"))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": expected a commit hash of 40 hex digits");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "/no/such/directory",
        "../no-such-model",
        "a/b/c",
        "a\\b",
        "a..b",
        "a--b",
        "-a",
        "a.",
        "a/",
        "/a",
        "org/../x",
        "org/..",
        "gpt2.git",
        "mod\u00e9le",
        "a b",
        "a\0b",
        "a\nb"
      })
  void refusesWhatIsNoName(String name) {
    assertThatThrownBy(() -> resolver().find(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "base model: expected an existing directory or a hub name like gpt2 or org/name, found `"
                + name
                + "`");
  }

  @Test
  void refusesANameTooLong() {
    assertThatThrownBy(() -> resolver().find("x".repeat(97)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> resolver().find("x".repeat(96)))
        .isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void refusesAFile() throws Exception {
    Path file = Files.createFile(directory.resolve("model.safetensors"));
    assertThatThrownBy(() -> resolver().find(file.toString()))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": expected a model directory with config.json, found a file");
  }
}
