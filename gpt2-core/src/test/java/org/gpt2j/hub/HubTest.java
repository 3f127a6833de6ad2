package org.gpt2j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.gpt2j.hub.HubFixture.COMMIT;
import static org.gpt2j.hub.HubFixture.CONFIG;
import static org.gpt2j.hub.HubFixture.CONTENT;
import static org.gpt2j.hub.HubFixture.HASH;
import static org.gpt2j.hub.HubFixture.WEIGHTS;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gpt2j.testing.FakeHub;
import org.gpt2j.testing.FakeHub.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a download leaves in the cache, and what it asks the hub for. */
class HubTest {
  private static final String NEWER = "0123456789abcdef0123456789abcdef01234567";

  @TempDir Path cache;
  private HubFixture hub;

  @BeforeEach
  void start() throws IOException {
    hub = new HubFixture(cache);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  @Test
  void fillsTheCacheAsTheHubsLibraryDoes() throws IOException {
    Path snapshot = hub.download();

    assertThat(snapshot).isEqualTo(hub.model("snapshots/" + COMMIT));
    assertThat(hub.visible())
        .containsExactly(
            COMMIT + "/config.json",
            COMMIT + "/merges.txt",
            COMMIT + "/model.safetensors",
            COMMIT + "/tokenizer.json",
            COMMIT + "/tokenizer_config.json",
            COMMIT + "/vocab.json");
    assertThat(snapshot.resolve(WEIGHTS)).hasBinaryContent(CONTENT);
    assertThat(Files.readSymbolicLink(snapshot.resolve(WEIGHTS)))
        .isEqualTo(Path.of("../../blobs/" + HASH));
    assertThat(Files.readSymbolicLink(snapshot.resolve("config.json")))
        .isEqualTo(Path.of("../../blobs/" + FakeHub.gitHash(CONFIG)));
    assertThat(hub.model("refs/main")).hasContent(COMMIT).hasSize(40);
    assertThat(hub.model(".no_exist/" + COMMIT + "/special_tokens_map.json")).isEmptyFile();
    assertThat(hub.model(".no_exist/" + COMMIT + "/added_tokens.json")).isEmptyFile();
    assertThat(cache.resolve(".locks/models--gpt2/" + HASH + ".lock")).isEmptyFile();
    assertThat(cache.resolve("CACHEDIR.TAG")).content().startsWith("Signature: 8a477f597d28d17278");
    try (var blobs = Files.list(hub.model("blobs"))) {
      assertThat(blobs).hasSize(6).noneMatch(blob -> blob.toString().endsWith(".incomplete"));
    }
    assertThat(new PretrainedPath(hub.environment).find("gpt2")).isEqualTo(snapshot);
    assertThat(hub.pauses).isEmpty();
  }

  @Test
  void tellsWhatIsDownloadedAndHowFarItIs() throws IOException {
    hub.download();
    assertThat(hub.notes)
        .containsExactly("downloading gpt2 from " + hub.server.endpoint() + " into " + cache);
    List<String> weights = hub.progress.stream().filter(p -> p.startsWith(WEIGHTS)).toList();
    assertThat(weights).startsWith(WEIGHTS + " 0/100000").endsWith(WEIGHTS + " 100000/100000");
    assertThat(weights).hasSizeGreaterThan(2).doesNotHaveDuplicates();
  }

  @Test
  void theTokenGoesToTheHubAlone() throws IOException {
    hub.environment.put("HF_TOKEN", "hf_secret");
    hub.download();
    assertThat(hub.server.requests())
        .filteredOn(Request::toHub)
        .hasSizeGreaterThan(10)
        .allMatch(r -> "Bearer hf_secret".equals(r.header("Authorization")));
    assertThat(hub.server.requests())
        .filteredOn(r -> !r.toHub())
        .singleElement()
        .matches(r -> r.header("Authorization") == null);
    assertThat(hub.notes.toString()).doesNotContain("secret");
  }

  /** The same host with another port is another server. */
  @Test
  void noTokenGoesToAnotherPort() throws IOException {
    hub.environment.put("HF_TOKEN", "hf_secret");
    String other = hub.server.cdnAddress().replace("localhost", "127.0.0.1") + "/" + HASH + "/x";
    hub.server.next("GET config.json", FakeHub.status(302, Map.of("Location", other)));
    assertThatThrownBy(hub::download).hasMessageContaining("config.json: expected 22 bytes");
    assertThat(hub.server.requests())
        .filteredOn(r -> !r.toHub())
        .singleElement()
        .matches(r -> r.header("Authorization") == null);
  }

  @Test
  void withoutATokenNoneIsSent() throws IOException {
    hub.environment.put("HF_TOKEN", "hf_secret");
    hub.environment.put("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
    hub.download();
    assertThat(hub.server.requests()).allMatch(r -> r.header("Authorization") == null);
  }

  @Test
  void aModelThatWasRenamedKeepsTheNameThatWasAskedFor() throws IOException {
    hub.server.add("openai-community/gpt2", "main", COMMIT, HubFixture.model());
    hub.server.rename("gpt2", "openai-community/gpt2");
    assertThat(hub.download().resolve(WEIGHTS)).hasBinaryContent(CONTENT);
    assertThat(cache.resolve("models--openai-community--gpt2")).doesNotExist();
  }

  @Test
  void nothingIsAskedForTwice() throws IOException {
    Path snapshot = hub.download();
    hub.server.forgetRequests();
    hub.notes.clear();
    assertThat(hub.download()).isEqualTo(snapshot);
    assertThat(hub.server.requests()).extracting(Request::method).containsOnly("HEAD").hasSize(2);
    assertThat(hub.notes).isEmpty();
  }

  @Test
  void aNewCommitSharesTheBlobsThatAreTheSame() throws IOException {
    Path old = hub.download();
    Map<String, byte[]> files = HubFixture.model();
    files.put("config.json", FakeHub.bytes("{\"model_type\": \"gpt2\", \"n_layer\": 2}"));
    hub.server.add("gpt2", "main", NEWER, files);
    hub.server.forgetRequests();

    Path snapshot = hub.download();
    assertThat(snapshot).isEqualTo(hub.model("snapshots/" + NEWER));
    assertThat(snapshot.resolve(WEIGHTS)).hasBinaryContent(CONTENT);
    assertThat(snapshot.resolve("config.json")).content().contains("n_layer");
    assertThat(old.resolve("config.json")).hasBinaryContent(CONFIG);
    assertThat(hub.model("refs/main")).hasContent(NEWER);
    assertThat(hub.server.requests())
        .filteredOn(r -> r.method().equals("GET"))
        .allMatch(r -> r.path().endsWith("config.json"));
  }

  @Test
  void aBranchHasARefOfItsOwn() throws IOException {
    hub.server.add("org/name", "refs/pr/1", NEWER, HubFixture.model());
    Path snapshot = hub.hub().download("org/name@refs/pr/1");
    Path model = cache.resolve("models--org--name");
    assertThat(snapshot).isEqualTo(model.resolve("snapshots/" + NEWER));
    assertThat(model.resolve("refs/refs/pr/1")).hasContent(NEWER);
    assertThat(hub.server.requests().get(0).path())
        .isEqualTo("/org/name/resolve/refs%2Fpr%2F1/config.json");
    var path = new PretrainedPath(hub.environment);
    assertThat(path.find("org/name@refs/pr/1")).isEqualTo(snapshot);
    assertThatThrownBy(() -> path.find("org/name")).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void aCommitNeedsNoRefAndLaterNoNetwork() throws IOException {
    Path snapshot = hub.hub().download("gpt2@" + COMMIT);
    assertThat(hub.model("refs")).doesNotExist();
    hub.server.forgetRequests();
    assertThat(hub.hub().download("gpt2@" + COMMIT)).isEqualTo(snapshot);
    assertThat(hub.server.requests()).isEmpty();
    assertThat(new PretrainedPath(hub.environment).find("gpt2@" + COMMIT)).isEqualTo(snapshot);
  }

  @Test
  void anAdapterIsDownloadedToo() throws IOException {
    byte[] config = FakeHub.bytes("{\"peft_type\": \"LORA\"}");
    hub.server.add(
        "org/adapter",
        "main",
        NEWER,
        Map.of("adapter_config.json", config, "adapter_model.safetensors", CONTENT));
    Path snapshot = hub.hub().download("org/adapter");
    assertThat(snapshot.resolve("adapter_config.json")).hasBinaryContent(config);
    assertThat(snapshot.resolve("adapter_model.safetensors")).hasBinaryContent(CONTENT);
    hub.server.forgetRequests();
    assertThat(PretrainedPath.resolve("org/adapter", hub.hub())).isEqualTo(snapshot);
    assertThat(hub.server.requests()).isEmpty();
  }

  @Test
  void whereLinksAreNotWantedFilesStandInTheirPlace() throws IOException {
    hub.environment.put("HF_HUB_DISABLE_SYMLINKS", "1");
    Path weights = hub.download().resolve(WEIGHTS);
    assertThat(Files.isSymbolicLink(weights)).isFalse();
    assertThat(weights).hasBinaryContent(CONTENT);
  }

  /** Another file system: no hard link leads there. */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "there is no /dev/shm")
  void whereNoLinkCanBeMadeTheFileIsCopied() throws IOException {
    hub.download();
    Path elsewhere = Files.createTempFile(Path.of("/dev/shm"), "blob-", null);
    try {
      Files.write(elsewhere, CONTENT);
      Files.delete(hub.model("blobs/" + HASH));
      Files.createSymbolicLink(hub.model("blobs/" + HASH), elsewhere);
      Path weights = hub.model("snapshots/" + COMMIT + "/" + WEIGHTS);
      Files.delete(weights);
      hub.environment.put("HF_HUB_DISABLE_SYMLINKS", "1");
      hub.download();
      assertThat(Files.isSymbolicLink(weights)).isFalse();
    } finally {
      Files.delete(elsewhere);
    }
    assertThat(hub.model("snapshots/" + COMMIT + "/" + WEIGHTS)).hasBinaryContent(CONTENT);
    try (var blobs = Files.list(hub.model("blobs"))) {
      assertThat(blobs).noneMatch(blob -> blob.toString().endsWith(".tmp"));
    }
  }

  @Test
  void aLinkToABlobThatIsGoneIsMadeNew() throws IOException {
    Path weights = hub.download().resolve(WEIGHTS);
    Files.delete(hub.model("blobs/" + HASH));
    assertThat(Files.exists(weights)).isFalse();
    hub.download();
    assertThat(weights).hasBinaryContent(CONTENT);
  }

  @Test
  void aBlobThatWasCutIsDownloadedAgain() throws IOException {
    Path weights = hub.download().resolve(WEIGHTS);
    Files.delete(weights);
    Files.write(hub.model("blobs/" + HASH), new byte[10]);
    hub.download();
    assertThat(weights).hasBinaryContent(CONTENT);
  }

  /** Python fills a cache file by file: it may have the weights and no tokenizer. */
  @Test
  void whatTheCacheHasAPartOfIsMadeWhole() throws IOException {
    Path snapshot = hub.download();
    Files.delete(snapshot.resolve("tokenizer.json"));
    Files.delete(snapshot.resolve("vocab.json"));
    assertThat(PretrainedPath.resolve("gpt2", hub.hub())).isEqualTo(snapshot);
    assertThat(snapshot.resolve("tokenizer.json")).exists();
    assertThat(snapshot.resolve("vocab.json")).exists();
  }

  @Test
  void weightsAloneAreTakenWhereTheHubDoesNotHelp() throws IOException {
    Path snapshot = hub.download();
    Files.delete(snapshot.resolve("tokenizer.json"));
    Files.delete(snapshot.resolve("vocab.json"));
    hub.notes.clear();
    hub.server.next("HEAD config.json", FakeHub.status(503, Map.of()));
    assertThat(PretrainedPath.resolve("gpt2", hub.hub())).isEqualTo(snapshot);
    assertThat(hub.notes)
        .singleElement()
        .asString()
        .endsWith("the server answered 503; taking gpt2 as the cache has it");
    assertThat(hub.pauses).isEmpty();
  }

  @Test
  void aModelWithoutATokenizerIsWholeToo() throws IOException {
    hub.server.add("org/bare", "main", NEWER, Map.of("config.json", CONFIG, WEIGHTS, CONTENT));
    Path snapshot = hub.hub().download("org/bare");
    hub.server.forgetRequests();
    assertThat(PretrainedPath.resolve("org/bare", hub.hub())).isEqualTo(snapshot);
    assertThat(hub.server.requests()).isEmpty();
  }

  @Test
  void aDirectoryComesBeforeTheHub(@TempDir Path directory) throws IOException {
    assertThat(PretrainedPath.resolve(directory.toString(), hub.hub())).isEqualTo(directory);
    assertThat(hub.server.requests()).isEmpty();
  }

  @Test
  void offlineTheCacheIsAllThereIs() throws IOException {
    hub.environment.put("HF_HUB_OFFLINE", "1");
    assertThatThrownBy(hub::download)
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "gpt2 is not in the Hugging Face cache "
                + cache
                + ", and HF_HUB_OFFLINE=1 keeps it from being downloaded");
    assertThatThrownBy(() -> PretrainedPath.resolve("gpt2", hub.hub()))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "gpt2 is neither a directory nor a model in the Hugging Face cache "
                + cache
                + ", and HF_HUB_OFFLINE=1 keeps it from being downloaded");
    hub.environment.remove("HF_HUB_OFFLINE");
    Path snapshot = hub.download();
    hub.server.forgetRequests();
    hub.environment.put("TRANSFORMERS_OFFLINE", "yes");
    assertThat(hub.download()).isEqualTo(snapshot);
    assertThat(PretrainedPath.resolve("gpt2", hub.hub())).isEqualTo(snapshot);
    assertThat(hub.server.requests()).isEmpty();
  }

  @Test
  void whatTheHubIsUnavailableForIsTakenFromTheCache() throws IOException {
    Path snapshot = hub.download();
    hub.notes.clear();
    hub.server.close();
    assertThat(hub.download()).isEqualTo(snapshot);
    assertThat(hub.notes).singleElement().asString().endsWith("; taking gpt2 as the cache has it");
    assertThat(hub.pauses).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a/b/c", "../x", "gpt2@", "gpt2@../x", "gpt2@a//b", "gpt2@.a", "@main"})
  void refusesWhatIsNoName(String name) {
    assertThatThrownBy(() -> hub.hub().download(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "model: expected a hub name like gpt2, org/name or org/name@revision, found `"
                + name
                + "`");
    assertThat(hub.server.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../x", "a/../../x", "/x", "a//x", "", ".", "..\\x", "C:x", "a/", "x\0", "x\n"})
  void refusesFilesOutsideOfTheModel(String file) {
    HubCache model =
        new HubCache(new HubEnvironment(hub.environment), HubName.parse("gpt2").orElseThrow());
    assertThatThrownBy(() -> model.link(COMMIT, file, HASH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("file of a model: expected a name like config.json");
    assertThatThrownBy(() -> model.markMissing(COMMIT, file))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  void filesInFoldersAreLinkedFromThere() throws IOException {
    hub.download();
    HubCache model =
        new HubCache(new HubEnvironment(hub.environment), HubName.parse("gpt2").orElseThrow());
    model.link(COMMIT, "a/b/x.safetensors", HASH);
    Path link = hub.model("snapshots/" + COMMIT + "/a/b/x.safetensors");
    assertThat(Files.readSymbolicLink(link)).isEqualTo(Path.of("../../../../blobs/" + HASH));
    assertThat(link).hasBinaryContent(CONTENT);
  }

  /** A server in the hub's place whose etags are no hashes: `abc` for whatever it has. */
  private void serve(String commit, String vocab, String merges) {
    Map<String, byte[]> files = new HashMap<>(HubFixture.model());
    files.put("vocab.json", FakeHub.bytes(vocab));
    files.put("merges.txt", FakeHub.bytes(merges));
    hub.server.add("gpt2", "main", commit, files);
    for (String file : List.of("vocab.json", "merges.txt")) {
      hub.server.next(
          "HEAD " + file,
          FakeHub.status(
              200,
              Map.of(
                  "X-Repo-Commit",
                  commit,
                  "ETag",
                  "\"abc\"",
                  "X-Linked-Size",
                  "" + files.get(file).length)));
    }
  }

  @Test
  void anEtagThatIsNoHashNamesNoContent() throws IOException {
    serve(COMMIT, "{\"a\":1}", "a b\nc d");
    Path first = hub.download();
    assertThat(first.resolve("vocab.json")).hasContent("{\"a\":1}");
    assertThat(first.resolve("merges.txt")).hasContent("a b\nc d");
    assertThat(hub.model("blobs/abc")).doesNotExist();
    assertThat(hub.model("blobs/" + HASH)).as("a hash is the name").exists();

    serve(NEWER, "{\"b\":2}", "e f\ng h i");
    Path second = hub.download();
    assertThat(second).isEqualTo(hub.model("snapshots/" + NEWER));
    assertThat(second.resolve("vocab.json")).hasContent("{\"b\":2}");
    assertThat(second.resolve("merges.txt")).hasContent("e f\ng h i");
    assertThat(first.resolve("vocab.json")).as("the older one").hasContent("{\"a\":1}");
    assertThat(first.resolve("merges.txt")).hasContent("a b\nc d");
  }
}
