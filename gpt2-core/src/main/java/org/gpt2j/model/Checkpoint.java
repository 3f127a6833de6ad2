package org.gpt2j.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.safetensors.DType;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.safetensors.SafetensorsWriter;
import org.gpt2j.safetensors.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The weights of a model directory, names taken with or without the `transformer.` prefix. On
 * closing it refuses tensors that nobody asked for, save the mask buffers and heads that
 * transformers ignores too.
 */
final class Checkpoint implements WeightSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);

  private final SafetensorsFile file;
  private final Path path;
  private final Set<String> used = new HashSet<>();

  private Checkpoint(Path path) throws IOException {
    this.path = path;
    this.file = SafetensorsFile.open(path);
  }

  static Checkpoint open(Path dir) throws IOException {
    if (!Files.isDirectory(dir)) {
      String found = Files.exists(dir) ? "a file" : "no such directory";
      throw new IOException(dir + ": expected a model directory, found " + found);
    }
    Path path = dir.resolve(Gpt2PreTrainedModel.WEIGHTS_FILE);
    if (!Files.isRegularFile(path)) {
      throw new IOException(path + ": expected the model's weights, found " + others(dir));
    }
    return new Checkpoint(path);
  }

  /** Writes config.json and model.safetensors as transformers does. */
  static void write(
      Path dir, Map<String, INDArray> state, Gpt2Config config, String architecture, DType dtype)
      throws IOException {
    AtomicFile.createDirectories(dir);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    state.forEach((name, array) -> tensors.put(name, Tensor.of(array, dtype)));
    Path weights = dir.resolve(Gpt2PreTrainedModel.WEIGHTS_FILE);
    SafetensorsWriter.write(weights, tensors, Map.of("format", "pt"));
    config.savedAs(architecture, dtype).savePretrained(dir);
  }

  /** What lies in the weights' place. */
  private static String others(Path dir) {
    if (Files.exists(dir.resolve("pytorch_model.bin"))) {
      return "a pickled pytorch_model.bin, which is not read: convert it with"
          + " safetensors.torch.save_file";
    }
    String index = Gpt2PreTrainedModel.WEIGHTS_FILE + ".index.json";
    if (Files.exists(dir.resolve(index))) {
      return index + ": weights in several files are not read, save them in one (max_shard_size)";
    }
    return "no such file";
  }

  /** This checkpoint where it has the tensor, else the other source, which is logged. */
  WeightSource orElse(WeightSource fallback) {
    return (name, shape) -> {
      if (find(name) != null) {
        return get(name, shape);
      }
      LOG.info("{} has no {}: random numbers, until an adapter or training gives it", path, name);
      return fallback.get(name, shape);
    };
  }

  private String find(String name) {
    for (String candidate : new String[] {name, Gpt2PreTrainedModel.PREFIX + name}) {
      if (file.contains(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  @Override
  public INDArray get(String name, long... shape) throws IOException {
    String found = find(name);
    if (found == null) {
      throw new IOException(path + ": tensor " + name + " is missing");
    }
    long[] actual = file.info(found).shape();
    if (!Arrays.equals(actual, shape)) {
      throw new IOException(
          String.format(
              "%s: tensor %s: expected shape %s from config.json, found %s",
              path, found, Arrays.toString(shape), Arrays.toString(actual)));
    }
    used.add(found);
    return file.array(found);
  }

  @Override
  public void close() throws IOException {
    Set<String> extra = new TreeSet<>();
    for (String name : file.names()) {
      if (!used.contains(name) && !ignored(name)) {
        extra.add(name);
      }
    }
    file.close();
    if (!extra.isEmpty()) {
      throw new IOException(
          path + ": unexpected tensors " + extra + ": is config.json of the same model?");
    }
  }

  private static boolean ignored(String name) {
    return name.endsWith(".attn.bias")
        || name.endsWith(".attn.masked_bias")
        || name.endsWith(".crossattention.bias")
        || name.equals("lm_head.weight")
        || name.equals("score.weight");
  }
}
