package org.gpt2j.lora;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.gpt2j.safetensors.SafetensorsFile;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Reads adapter_model.safetensors into the arrays of an adapter, all or nothing. */
final class AdapterWeights {
  private AdapterWeights() {}

  static void read(Path dir, Map<String, INDArray> state) throws IOException {
    Path path = dir.resolve(LoraModel.WEIGHTS_FILE);
    if (!Files.isRegularFile(path)) {
      throw missing(dir, path);
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      TreeSet<String> absent = new TreeSet<>(state.keySet());
      absent.removeAll(file.names());
      if (!absent.isEmpty()) {
        throw new IOException(path + ": missing tensors, expected by the config: " + absent);
      }
      TreeSet<String> extra = new TreeSet<>(file.names());
      extra.removeAll(state.keySet());
      extra.removeIf(name -> isSecondCopy(name, state));
      if (!extra.isEmpty()) {
        throw new IOException(path + ": tensors that the config does not call for: " + extra);
      }
      for (Map.Entry<String, INDArray> e : state.entrySet()) {
        long[] shape = file.info(e.getKey()).shape();
        if (!Arrays.equals(shape, e.getValue().shape())) {
          throw new IOException(
              String.format(
                  "%s: tensor %s: expected shape %s, found %s",
                  path, e.getKey(), Arrays.toString(e.getValue().shape()), Arrays.toString(shape)));
        }
      }
      Map<String, INDArray> read = new LinkedHashMap<>();
      for (String name : state.keySet()) {
        read.put(name, file.array(name));
      }
      read.forEach((name, array) -> state.get(name).assign(array));
    }
  }

  /**
   * With bias "all" peft 0.21 writes a bias that is in modules_to_save two times more: as
   * `X.modules_to_save.bias`, the same as `X.bias`, and as `X.original_module.bias`, the base's.
   */
  private static boolean isSecondCopy(String name, Map<String, INDArray> state) {
    String first = name.replaceAll("\\.(modules_to_save|original_module)\\.bias$", ".bias");
    return !first.equals(name) && state.containsKey(first);
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
}
