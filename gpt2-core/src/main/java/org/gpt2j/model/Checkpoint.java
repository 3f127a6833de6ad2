package org.gpt2j.model;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.io.Printable;
import org.gpt2j.safetensors.DType;
import org.gpt2j.safetensors.SafetensorsFile;
import org.gpt2j.safetensors.SafetensorsWriter;
import org.gpt2j.safetensors.Tensor;
import org.gpt2j.safetensors.TensorInfo;
import org.gpt2j.safetensors.UnreadWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The weights of a model directory, names taken with or without the `transformer.` prefix.
 *
 * <p>Every tensor that the network asks for must be there, in its shape, so a file of another model
 * cannot pass for this one by what it has too many of. So what nobody asks for is left aside, as
 * transformers does, and named in a warning: heads of other tasks, position_ids and the like. Only
 * what lies inside a layer of the trunk is refused: that layer computes something else than ours.
 */
final class Checkpoint implements WeightSource {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);

  private static final String WTE = "wte.weight";
  private static final String LM_HEAD = "lm_head.weight";
  private static final Pattern IN_TRUNK = Pattern.compile("(h\\.\\d+|wte|wpe|ln_f)\\..*");

  /** What a layer keeps beside its weights: causal masks and tables of positions. */
  private static final Pattern BUFFER =
      Pattern.compile(".*(attn\\.bias|masked_bias|crossattention\\.bias|position_ids|inv_freq)");

  /** The causal masks that transformers 2 to 4.31 saved in every file, which it does not name. */
  private static final Pattern MASK =
      Pattern.compile(".*\\.(attn\\.bias|attn\\.masked_bias|crossattention\\.bias)");

  private static final int MOST_NAMED = 20;

  private final WeightFiles files;
  private final Gpt2Config config;
  private final Set<String> used = new HashSet<>();

  private Checkpoint(WeightFiles files, Gpt2Config config) {
    this.files = files;
    this.config = config;
  }

  /** Makes something of a checkpoint, which is open meanwhile. */
  @FunctionalInterface
  interface Reader<T> {
    T read(Checkpoint checkpoint) throws IOException;
  }

  /**
   * Reads a model directory by its own config.
   *
   * @throws IOException naming the file and the tensor, if a file is missing or cannot be read, if
   *     a tensor is missing, has another shape or numbers that are not finite, or if a layer of the
   *     trunk has tensors that nobody asked for
   */
  static <T> T read(Path dir, Reader<T> reader) throws IOException {
    requireDirectory(dir);
    Gpt2Config config = Gpt2Config.fromPretrained(dir);
    try {
      return read(dir, config, reader);
    } catch (IllegalArgumentException e) { // a config that this kind of model cannot have
      throw new Gpt2ConfigException(dir.resolve(Gpt2Config.FILE_NAME) + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a model directory by a config of the caller's.
   *
   * @throws IOException naming the file and the tensor, if a file is missing or cannot be read, if
   *     a tensor is missing, has another shape or numbers that are not finite, or if a layer of the
   *     trunk has tensors that nobody asked for
   */
  static <T> T read(Path dir, Gpt2Config config, Reader<T> reader) throws IOException {
    requireDirectory(dir);
    try (WeightFiles files = WeightFiles.open(dir)) {
      Checkpoint checkpoint = new Checkpoint(files, config);
      T result = reader.read(checkpoint);
      checkpoint.checkRest();
      UnreadWeights.warn(files.path(), files.fileNames());
      return result;
    }
  }

  private static void requireDirectory(Path dir) throws IOException {
    if (!Files.isDirectory(dir)) {
      String found = Files.exists(dir) ? "a file" : "no such directory";
      throw new IOException(dir + ": expected a model directory, found " + found);
    }
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

  Gpt2Config config() {
    return config;
  }

  /**
   * The config of a language model with these weights. Where config.json ties the head to wte but
   * the file has both, with other numbers, transformers 5 takes the head of the file, and so do we.
   */
  Gpt2Config languageModelConfig() throws IOException {
    String wte = find(WTE);
    if (!config.tieWordEmbeddings() || wte == null || files.of(LM_HEAD) == null) {
      return config;
    }
    if (sameNumbers(wte, LM_HEAD)) {
      used.add(LM_HEAD);
      return config;
    }
    LOG.warn(
        "{}: {} differs from {} although tie_word_embeddings is true: taken as a head of its own",
        files.path(),
        LM_HEAD,
        wte);
    return config.toBuilder().tieWordEmbeddings(false).build();
  }

  private boolean sameNumbers(String a, String b) throws IOException {
    TensorInfo infoA = files.of(a).info(a);
    TensorInfo infoB = files.of(b).info(b);
    return infoA.dtype() == infoB.dtype()
        && Arrays.equals(infoA.shape(), infoB.shape())
        && files.of(a).bytes(a).equals(files.of(b).bytes(b));
  }

  /** This checkpoint where it has the tensor, else the other source, which is logged. */
  WeightSource orElse(WeightSource fallback) {
    return (name, shape) -> {
      if (find(name) != null) {
        return get(name, shape);
      }
      LOG.info(
          "{} has no {}: random numbers, until an adapter or training gives it",
          files.path(),
          name);
      return fallback.get(name, shape);
    };
  }

  /**
   * A tensor's name in the file, or null. safetensors' save_model keeps one name of a shared table,
   * which may be the head's.
   */
  private String find(String name) {
    if (files.of(name) != null) {
      return name;
    }
    if (files.of(Gpt2PreTrainedModel.PREFIX + name) != null) {
      return Gpt2PreTrainedModel.PREFIX + name;
    }
    boolean shared = name.equals(WTE) && config.tieWordEmbeddings() && files.of(LM_HEAD) != null;
    return shared ? LM_HEAD : null;
  }

  @Override
  public INDArray get(String name, long... shape) throws IOException {
    String found = find(name);
    if (found == null) {
      throw new IOException(files.path() + ": tensor " + name + " is missing" + instead(name));
    }
    SafetensorsFile file = files.of(found);
    long[] actual = file.info(found).shape();
    if (!Arrays.equals(actual, shape)) {
      throw new IOException(
          String.format(
              "%s: tensor %s: expected shape %s from config.json, found %s",
              file.path(), found, Arrays.toString(shape), Arrays.toString(actual)));
    }
    used.add(found);
    INDArray array = file.array(found);
    if (!isFinite(array)) {
      throw new IOException(
          "%s: tensor %s: expected finite numbers, found others: the file is damaged, or its"
                  .formatted(file.path(), found)
              + " training went wrong");
    }
    return array;
  }

  /** What the file has in the place of a missing tensor. */
  private String instead(String name) {
    for (String other : files.names()) {
      if (other.endsWith("." + name)) { // wrapped, as by torch.compile or DistributedDataParallel
        return ", the file has it as " + Printable.line(other);
      }
    }
    return ", the file has " + named(files.names(), 3);
  }

  /** The exponents of NaN and infinity are all ones: one more and the sign bit is set. */
  private static boolean isFinite(INDArray array) {
    float[] chunk = new float[1 << 12];
    FloatBuffer values = array.data().asNioFloat();
    int seen = 0;
    for (long left = array.length(); left > 0; left -= chunk.length) {
      int n = (int) Math.min(left, chunk.length);
      values.get(chunk, 0, n);
      for (int i = 0; i < n; i++) {
        seen |= (Float.floatToRawIntBits(chunk[i]) & 0x7f800000) + 0x00800000;
      }
    }
    return seen >= 0;
  }

  /** Refuses or names what nobody asked for. */
  private void checkRest() throws IOException {
    Set<String> foreign = new TreeSet<>();
    Set<String> aside = new TreeSet<>();
    for (String name : files.names()) {
      if (used.contains(name) || MASK.matcher(name).matches()) {
        continue;
      }
      if (isInTrunk(name) && !isHarmless(name)) {
        foreign.add(name);
      } else if (!name.equals(LM_HEAD)) { // of the language model that a classifier starts from
        aside.add(name);
      }
    }
    if (!foreign.isEmpty()) {
      throw new IOException(
          "%s: unexpected tensors [%s]: is config.json of the same model?"
              .formatted(files.path(), named(foreign, MOST_NAMED)));
    }
    if (!aside.isEmpty()) {
      LOG.warn(
          "{}: left aside, as no layer here asks for it: {}",
          files.path(),
          named(aside, MOST_NAMED));
    }
  }

  private static boolean isInTrunk(String name) {
    String plain =
        name.startsWith(Gpt2PreTrainedModel.PREFIX)
            ? name.substring(Gpt2PreTrainedModel.PREFIX.length())
            : name;
    return IN_TRUNK.matcher(plain).matches();
  }

  private boolean isHarmless(String name) throws IOException {
    return BUFFER.matcher(name).matches() || files.of(name).info(name).elementCount() == 0;
  }

  private static String named(Set<String> names, int most) {
    String some = names.stream().limit(most).map(Printable::line).collect(Collectors.joining(", "));
    return names.size() > most ? some + " and %s more".formatted(names.size() - most) : some;
  }
}
