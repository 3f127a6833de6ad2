package org.gpt2j.benchmarks.compare;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gpt2j.benchmarks.LabeledBatch;
import org.gpt2j.nn.PackedBatch;

/**
 * The directory that compare.py writes, with the same work for both sides.
 *
 * @param dir holds a model in `model` and the work as JSON
 */
record Inputs(Path dir) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /**
   * Messages of one step.
   *
   * @param inputIds token ids of each
   * @param labels a class index for each
   */
  record Messages(List<int[]> inputIds, int[] labels) {
    LabeledBatch packed() {
      return new LabeledBatch(PackedBatch.of(inputIds), labels);
    }
  }

  /**
   * A continuation.
   *
   * @param prompt token ids
   * @param text the same as text
   * @param newTokens how many to add
   */
  record Decode(int[] prompt, String text, int newTokens) {}

  Decode decode() throws IOException {
    return read("decode", Decode.class);
  }

  /** A GPT-2 with a score head and GPT-2's tokenizer. */
  Path model() {
    return dir.resolve("model");
  }

  /** Batches of the LoRA recipe; the order is `random` or `grouped`. */
  List<LabeledBatch> lora(String order) throws IOException {
    Messages[] batches = read("lora-" + order, Messages[].class);
    return List.of(batches).stream().map(Messages::packed).toList();
  }

  /** Batches of the language model: sequences of equal length. */
  List<PackedBatch> fullSteps() throws IOException {
    int[][][] batches = read("full-step", int[][][].class);
    return List.of(batches).stream().map(b -> PackedBatch.of(List.of(b))).toList();
  }

  /** Texts of a name: `classify-one`, `classify-many`, `prose`, `sms`. */
  List<String> texts(String name) throws IOException {
    return List.of(read(name, String[].class));
  }

  private <T> T read(String name, Class<T> type) throws IOException {
    return MAPPER.readValue(dir.resolve(name + ".json").toFile(), type);
  }
}
