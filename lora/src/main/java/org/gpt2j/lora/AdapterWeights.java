package org.gpt2j.lora;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.gpt2j.io.Printable;
import org.gpt2j.safetensors.SafetensorsFile;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * adapter_model.safetensors, its tensors by the names that peft's save_pretrained gives them. A
 * state_dict has the adapter's name in them, as peft's models do: lora_A.default.weight,
 * score.modules_to_save.default.weight; it is left out here.
 */
final class AdapterWeights implements AutoCloseable {
  private static final Pattern NAMED =
      Pattern.compile(
          "(.*\\.lora_[AB])\\.([^.]+)\\.(weight)|(.*)\\.modules_to_save\\.([^.]+)\\.(.+)");

  private static final int MOST_NAMED = 20;

  private final Path path;
  private final SafetensorsFile file;
  private final Map<String, String> inFile = new TreeMap<>();
  private final Set<String> originals = new TreeSet<>();

  private AdapterWeights(Path path, SafetensorsFile file) throws IOException {
    this.path = path;
    this.file = file;
    Set<String> adapters = new TreeSet<>();
    for (String name : file.names()) {
      Matcher m = NAMED.matcher(name);
      if (m.matches()) {
        boolean lora = m.group(1) != null;
        String module = lora ? m.group(1) : m.group(4);
        String plain = module + "." + (lora ? m.group(3) : m.group(6));
        if (!file.contains(plain)) {
          adapters.add(lora ? m.group(2) : m.group(5));
          inFile.put(plain, name);
          if (!lora) {
            originals.add(module + ".original_module." + m.group(6));
          }
          continue;
        }
      }
      inFile.put(name, name);
    }
    if (adapters.size() > 1) {
      throw new IOException(path + ": expected one adapter's tensors, found those of " + adapters);
    }
  }

  /**
   * Opens the weights of an adapter's directory; their header is checked.
   *
   * @throws IOException naming the file, if it is missing, cannot be read or has tensors of several
   *     adapters
   */
  static AdapterWeights open(Path dir) throws IOException {
    Path path = dir.resolve(LoraModel.WEIGHTS_FILE);
    if (!Files.isRegularFile(path)) {
      throw missing(dir, path);
    }
    SafetensorsFile file = SafetensorsFile.open(path);
    try {
      return new AdapterWeights(path, file);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** Shapes by name. */
  Map<String, long[]> shapes() throws IOException {
    Map<String, long[]> shapes = new TreeMap<>();
    for (Map.Entry<String, String> e : inFile.entrySet()) {
      shapes.put(e.getKey(), file.info(e.getValue()).shape());
    }
    return shapes;
  }

  /**
   * Reads every tensor, once all are known to be there and to fit, and no other is.
   *
   * @param shapes what is expected
   * @throws IOException naming the file and the tensors, if they do not fit or cannot be read
   */
  Map<String, INDArray> read(Map<String, long[]> shapes) throws IOException {
    TreeSet<String> absent = new TreeSet<>(shapes.keySet());
    absent.removeAll(inFile.keySet());
    if (!absent.isEmpty()) {
      throw new IOException(path + ": missing tensors, expected by the config: " + listed(absent));
    }
    TreeSet<String> extra = new TreeSet<>(inFile.keySet());
    extra.removeAll(shapes.keySet());
    extra.removeIf(name -> originals.contains(name) || isSecondCopy(name, shapes.keySet()));
    if (!extra.isEmpty()) {
      throw new IOException(path + ": tensors that the config does not call for: " + listed(extra));
    }
    for (Map.Entry<String, long[]> e : shapes.entrySet()) {
      long[] shape = file.info(inFile.get(e.getKey())).shape();
      if (!Arrays.equals(shape, e.getValue())) {
        throw new IOException(
            String.format(
                "%s: tensor %s: expected shape %s, found %s",
                path, e.getKey(), Arrays.toString(e.getValue()), Arrays.toString(shape)));
      }
    }
    Map<String, INDArray> read = new LinkedHashMap<>();
    for (String name : shapes.keySet()) {
      read.put(name, file.array(inFile.get(name)));
    }
    return read;
  }

  /**
   * What peft 0.21 writes two times more of a module in modules_to_save, as {@code
   * X.modules_to_save.bias}, the same as {@code X.bias}, and as {@code X.original_module.bias}, the
   * base's: with bias "all" every bias, and with save_embedding_layers the embeddings' weights.
   */
  private static boolean isSecondCopy(String name, Set<String> expected) {
    String first = name.replaceAll("\\.(modules_to_save|original_module)\\.(bias|weight)$", ".$2");
    boolean copied =
        first.endsWith(".bias")
            || first.equals(AdapterNames.WTE)
            || first.equals(AdapterNames.LM_HEAD);
    return copied && !first.equals(name) && expected.contains(first);
  }

  private static String listed(Set<String> names) {
    List<String> first = names.stream().limit(MOST_NAMED).map(Printable::line).toList();
    int more = names.size() - first.size();
    return first.stream()
        .collect(Collectors.joining(", ", "[", more == 0 ? "]" : ", ... and " + more + " more]"));
  }

  private static IOException missing(Path dir, Path path) throws IOException {
    try (var files = Files.newDirectoryStream(dir, "*.{bin,pt,pth}")) {
      for (Path pickled : files) {
        return new IOException(
            pickled
                + ": pickled weights are not read, since unpickling can run code; convert them in"
                + " Python: safetensors.torch.save_file(torch.load(\""
                + pickled.getFileName()
                + "\", weights_only=True), \""
                + LoraModel.WEIGHTS_FILE
                + "\")");
      }
    }
    return new IOException(path + ": expected the adapter's weights, found no such file");
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
