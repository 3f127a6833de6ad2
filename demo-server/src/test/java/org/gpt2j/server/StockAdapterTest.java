package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gpt2j.io.JsonFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An adapter as peft's save_pretrained leaves it: its config and weights alone, in a subfolder. */
class StockAdapterTest {
  @TempDir Path directory;

  @Test
  void isServedWithTheConfigAndTheTokenizerOfItsBase() throws Exception {
    Path full = TestModel.saveAdapter(directory);
    Path named = Files.createDirectories(directory.resolve("stock/spam"));
    for (String file : new String[] {"adapter_config.json", "adapter_model.safetensors"}) {
      Files.move(full.resolve(file), named.resolve(file));
    }
    try (TestServer server =
        new TestServer(TestServer.options(), TestModel.load(directory.resolve("stock")))) {
      ObjectNode model = JsonFile.parse(server.get("/api/model").body());
      assertThat(model.path("name").asText()).isEqualTo("stock");
      assertThat(model.path("base").asText()).isEqualTo("base");
      assertThat(model.path("generate").asBoolean()).isTrue();
      assertThat(model.path("labels").toString()).isEqualTo("[\"LABEL_0\",\"LABEL_1\"]");
      byte[] body = "{\"text\": \"see you\"}".getBytes(StandardCharsets.UTF_8);
      assertThat(server.send(server.postRequest("/api/classify", body)).statusCode())
          .isEqualTo(200);
    }
  }
}
