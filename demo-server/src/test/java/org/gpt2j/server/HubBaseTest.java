package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.gpt2j.hub.DownloadListener;
import org.gpt2j.hub.Hub;
import org.gpt2j.io.JsonFile;
import org.gpt2j.model.WeightType;
import org.gpt2j.testing.FakeHub;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --base org/name}: from a server that behaves like the hub, then from the cache. */
class HubBaseTest {
  @TempDir Path directory;

  @Test
  void theBaseIsDownloadedOnceAndServed() throws Exception {
    Path adapter = TestModel.saveAdapter(directory);
    Map<String, byte[]> files = new HashMap<>();
    try (Stream<Path> all = Files.list(directory.resolve("base"))) {
      for (Path file : all.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    Map<String, String> environment = new HashMap<>();
    try (FakeHub hub = new FakeHub()) {
      hub.add("org/tiny", "main", "607a30d783dfa663caf39e06633721c8d4cfcd7e", files);
      environment.put("HF_ENDPOINT", hub.endpoint());
      environment.put("HF_HUB_CACHE", directory.resolve("cache").toString());
      assertServed(adapter, environment);
    }
    environment.put("HF_HUB_OFFLINE", "1");
    assertServed(adapter, environment);
  }

  private static void assertServed(Path adapter, Map<String, String> environment)
      throws IOException, InterruptedException {
    Hub hub = new Hub(environment, DownloadListener.NONE);
    ServedModel model = ServedModel.load(adapter, "org/tiny", WeightType.F32, hub);
    try (TestServer server = new TestServer(TestServer.options(), model)) {
      assertThat(JsonFile.parse(server.get("/api/model").body()).path("base").asText())
          .isEqualTo("org/tiny");
      byte[] body = "{\"text\": \"see you\"}".getBytes(StandardCharsets.UTF_8);
      assertThat(server.send(server.postRequest("/api/classify", body)).statusCode())
          .isEqualTo(200);
      byte[] prompt = "{\"prompt\": \"see\"}".getBytes(StandardCharsets.UTF_8);
      assertThat(server.send(server.postRequest("/api/generate", prompt)).body())
          .contains("event: done");
    }
  }
}
