package org.gpt2j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.gpt2j.hub.HubFixture.COMMIT;
import static org.gpt2j.hub.HubFixture.CONTENT;
import static org.gpt2j.hub.HubFixture.WEIGHTS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.gpt2j.testing.FakeHub;
import org.gpt2j.testing.FakeHub.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose weights lie in several files, and the files that a model may have besides. */
class HubShardsTest {
  private static final String ONE = "model-00001-of-00002.safetensors";
  private static final String TWO = "model-00002-of-00002.safetensors";
  private static final String INDEX =
      "{\"weight_map\": {\"a\": \"%s\", \"b\": \"%s\", \"c\": \"%s\"}}";

  @TempDir Path cache;
  private HubFixture hub;
  private Map<String, byte[]> files;

  @BeforeEach
  void start() throws IOException {
    hub = new HubFixture(cache);
    files = HubFixture.model();
    files.remove(WEIGHTS);
    files.put("model.safetensors.index.json", FakeHub.bytes(INDEX.formatted(ONE, TWO, ONE)));
    files.put(ONE, Arrays.copyOf(CONTENT, 3000));
    files.put(TWO, Arrays.copyOf(CONTENT, 2000));
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private Path download() throws IOException {
    hub.server.add("gpt2", "main", COMMIT, files);
    return hub.download();
  }

  @Test
  void shardsComeByTheirIndex() throws IOException {
    Path snapshot = download();
    assertThat(snapshot.resolve(ONE)).hasBinaryContent(files.get(ONE));
    assertThat(snapshot.resolve(TWO)).hasBinaryContent(files.get(TWO));
    assertThat(hub.visible()).contains(COMMIT + "/model.safetensors.index.json");

    hub.server.forgetRequests();
    assertThat(hub.download()).isEqualTo(snapshot);
    assertThat(hub.server.requests()).extracting(Request::method).containsOnly("HEAD");
    hub.environment.put("HF_HUB_OFFLINE", "1");
    assertThat(hub.download()).isEqualTo(snapshot);
    assertThat(PretrainedPath.resolve("gpt2", hub.hub())).isEqualTo(snapshot);
    hub.environment.remove("HF_HUB_OFFLINE");
    // A shard that is gone is brought again.
    Files.delete(snapshot.resolve(TWO));
    Files.delete(hub.model("blobs/" + FakeHub.sha256(files.get(TWO))));
    assertThat(PretrainedPath.resolve("gpt2", hub.hub()).resolve(TWO))
        .hasBinaryContent(files.get(TWO));
  }

  @Test
  void aShardThatTheHubLacksIsNamed() {
    files.remove(TWO);
    assertThatThrownBy(this::download)
        .isInstanceOf(HubException.class)
        .hasMessage(
            "gpt2: expected the file "
                + TWO
                + ", which model.safetensors.index.json names, found none");
    assertThat(hub.model("snapshots")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../config.json", "/etc/passwd", "a/b.safetensors", "", ".safetensors"})
  void aShardElsewhereIsRefused(String name) {
    files.put("model.safetensors.index.json", FakeHub.bytes(INDEX.formatted(ONE, name, ONE)));
    assertThatThrownBy(this::download)
        .isInstanceOf(HubException.class)
        .hasMessageEndingWith(
            "weight_map: expected names of safetensors files, found \"" + name + "\"");
    assertThat(hub.model("snapshots")).doesNotExist();
  }

  @Test
  void whatAModelMayHaveBesidesComesToo() throws IOException {
    files.put("generation_config.json", FakeHub.bytes("{\"top_k\": 3}"));
    files.put("added_tokens.json", FakeHub.bytes("{\"[PAD]\": 50257}"));
    Path snapshot = download();
    assertThat(snapshot.resolve("generation_config.json")).content().contains("top_k");
    assertThat(snapshot.resolve("added_tokens.json")).content().contains("[PAD]");
  }
}
