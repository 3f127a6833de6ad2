package org.gpt2j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/** What is saved loads again, and where saving fails, what was there stays. */
class AdapterSavingTest {
  @TempDir Path dir;

  private Path adapter;

  private static LoraModel lora(int r, DataType type) throws IOException {
    Gpt2Config base =
        Gpt2Config.gpt2().toBuilder()
            .vocabSize(11)
            .nPositions(5)
            .nEmbd(6)
            .nHead(2)
            .nLayer(2)
            .labels(List.of("a", "b", "c"))
            .build();
    return LoraModel.apply(
        new Gpt2ForSequenceClassification(base, new SeededWeights(4, 10, type)),
        LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS).r(r).loraAlpha(4).build(),
        r);
  }

  @BeforeEach
  void saveAdapter() throws IOException {
    adapter = dir.resolve("runs/best");
    lora(2, DataType.FLOAT).savePretrained(adapter);
  }

  private static Map<String, byte[]> files(Path dir) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(dir)) {
      for (Path path : all.toList()) {
        files.put(path.getFileName().toString(), Files.readAllBytes(path));
      }
    }
    return files;
  }

  private static void assertSame(Map<String, byte[]> actual, Map<String, byte[]> expected) {
    assertThat(actual).containsOnlyKeys(expected.keySet());
    actual.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(expected.get(name)));
  }

  /** Both files, and no others; loaded and saved again they are the same, byte for byte. */
  @Test
  void comesBackByteForByte() throws IOException {
    Map<String, byte[]> saved = files(adapter);
    assertThat(saved).containsOnlyKeys("adapter_config.json", "adapter_model.safetensors");
    Gpt2ForSequenceClassification base =
        (Gpt2ForSequenceClassification) lora(3, DataType.FLOAT).mergeAndUnload();
    LoraModel.fromPretrained(base, adapter, true).savePretrained(dir.resolve("again"));
    assertSame(files(dir.resolve("again")), saved);
  }

  @Test
  void replacesAnOlderAdapter() throws IOException {
    LoraModel wider = lora(5, DataType.FLOAT);
    wider.savePretrained(adapter);
    wider.savePretrained(dir.resolve("elsewhere"));
    assertSame(files(adapter), files(dir.resolve("elsewhere")));
    assertThat(LoraModel.readConfig(adapter).r()).isEqualTo(5);
  }

  @Test
  void intoAFile() throws IOException {
    Map<String, byte[]> saved = files(adapter);
    LoraModel wider = lora(5, DataType.FLOAT);
    Path file = adapter.resolve("adapter_config.json");
    assertThatIOException()
        .isThrownBy(() -> wider.savePretrained(file))
        .withMessage(file + ": expected a directory to save into, found a file");
    assertThatIOException()
        .isThrownBy(() -> wider.savePretrained(file.resolve("below")))
        .withMessageStartingWith(file.resolve("below") + ": the directory cannot be made: ");
    assertSame(files(adapter), saved);
  }

  /** The weights come first, for they are what may not fit: then the old config stays too. */
  @Test
  void weightsThatCannotBeWritten() throws IOException {
    Path weights = adapter.resolve("adapter_model.safetensors");
    byte[] config = Files.readAllBytes(adapter.resolve("adapter_config.json"));
    Files.delete(weights);
    Files.createDirectory(weights);
    LoraModel wider = lora(5, DataType.FLOAT);
    assertThatIOException()
        .isThrownBy(() -> wider.savePretrained(adapter))
        .withMessage(weights + ": expected a file to write, found a directory");
    assertThat(adapter.resolve("adapter_config.json")).hasBinaryContent(config);
    try (Stream<Path> all = Files.list(adapter)) {
      assertThat(all).hasSize(2); // no temporary file is left
    }
  }

  @Test
  void arraysThatCannotBeWritten() throws IOException {
    Map<String, byte[]> saved = files(adapter);
    LoraModel wider = lora(5, DataType.DOUBLE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> wider.savePretrained(adapter))
        .withMessage("array: expected data type FLOAT, found DOUBLE");
    assertSame(files(adapter), saved);
  }
}
