package org.gpt2j.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.gpt2j.io.JsonFile;
import org.gpt2j.io.Printable;
import org.gpt2j.safetensors.SafetensorsFile;

/**
 * The tensors of a model directory by name: those of model.safetensors or, where that is missing,
 * of the shards that model.safetensors.index.json names (transformers' save_pretrained with
 * max_shard_size), each tensor from the shard of its entry in weight_map.
 */
final class WeightFiles implements AutoCloseable {
  static final String INDEX_FILE = Gpt2PreTrainedModel.WEIGHTS_FILE + ".index.json";

  private final Path path;

  /** Each file once, by its name. */
  private final Map<String, SafetensorsFile> files = new HashMap<>();

  /** In the order of the file or the index. */
  private final Map<String, SafetensorsFile> fileOfTensor = new LinkedHashMap<>();

  private WeightFiles(Path path) {
    this.path = path;
  }

  /** Whether a directory has weights of a whole model. */
  static boolean areIn(Path dir) {
    return Files.exists(dir.resolve(Gpt2PreTrainedModel.WEIGHTS_FILE))
        || Files.exists(dir.resolve(INDEX_FILE));
  }

  /**
   * Opens what the directory has; the single file goes before the index, as in transformers.
   *
   * @throws IOException naming the file, if there is neither, if one cannot be read, or if the
   *     index names a shard outside the directory, one that is missing, or a tensor that its shard
   *     has not
   */
  static WeightFiles open(Path dir) throws IOException {
    Path single = dir.resolve(Gpt2PreTrainedModel.WEIGHTS_FILE);
    Path index = dir.resolve(INDEX_FILE);
    boolean sharded = !Files.isRegularFile(single) && Files.isRegularFile(index);
    if (!sharded && !Files.isRegularFile(single)) {
      throw new IOException(single + ": expected the model's weights, found " + others(dir));
    }
    WeightFiles weights = new WeightFiles(sharded ? index : single);
    try {
      if (sharded) {
        weights.addShards(dir, JsonFile.read(index));
      } else {
        SafetensorsFile file = weights.file(single);
        file.names().forEach(name -> weights.fileOfTensor.put(name, file));
      }
    } catch (IOException | RuntimeException e) {
      weights.close();
      throw e;
    }
    return weights;
  }

  private SafetensorsFile file(Path path) throws IOException {
    String name = path.getFileName().toString();
    SafetensorsFile file = files.get(name);
    if (file == null) {
      file = SafetensorsFile.open(path);
      files.put(name, file);
    }
    return file;
  }

  private void addShards(Path dir, ObjectNode index) throws IOException {
    JsonNode map = index.get("weight_map");
    if (map == null || !map.isObject() || map.isEmpty()) {
      String found = map == null ? "nothing" : Printable.line(map.toString());
      throw new IOException(
          path + ": weight_map: expected the file of each tensor, found " + found);
    }
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      Path shard = shard(dir, entry.getKey(), entry.getValue());
      SafetensorsFile file = file(shard);
      if (!file.contains(entry.getKey())) {
        throw new IOException(
            "%s: weight_map: expected the tensor %s in %s, which has none of that name"
                .formatted(path, Printable.line(entry.getKey()), shard.getFileName()));
      }
      fileOfTensor.put(entry.getKey(), file);
    }
  }

  /** A shard lies in the directory itself: an index is a stranger's file and opens no others. */
  private Path shard(Path dir, String tensor, JsonNode value) throws IOException {
    String name = value.isTextual() ? value.textValue() : "";
    if (!name.endsWith(".safetensors") || !name.matches("[^/\\\\\\x00]+")) {
      throw new IOException(
          "%s: weight_map: %s: expected the name of a safetensors file beside it, found %s"
              .formatted(path, Printable.line(tensor), Printable.line(value.toString())));
    }
    Path shard = dir.resolve(name);
    if (!Files.isRegularFile(shard)) {
      throw new IOException(
          "%s: weight_map: expected the file %s, found none"
              .formatted(path, Printable.line(shard.toString())));
    }
    return shard;
  }

  /** What lies in the weights' place. */
  private static String others(Path dir) {
    if (Files.exists(dir.resolve("pytorch_model.bin"))
        || Files.exists(dir.resolve("pytorch_model.bin.index.json"))) {
      return "a pickled pytorch_model.bin, which is not read: convert it with"
          + " safetensors.torch.save_file";
    }
    return "no such file";
  }

  /** The file, or the index of several, for messages. */
  Path path() {
    return path;
  }

  /** The names of the files, not of the index. */
  Set<String> fileNames() {
    return files.keySet();
  }

  /** The names of all tensors. */
  Set<String> names() {
    return fileOfTensor.keySet();
  }

  /** The file that holds a tensor; null where there is none of that name. */
  SafetensorsFile of(String tensor) {
    return fileOfTensor.get(tensor);
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (SafetensorsFile file : files.values()) {
      try {
        file.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
