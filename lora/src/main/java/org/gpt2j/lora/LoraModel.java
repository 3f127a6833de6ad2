package org.gpt2j.lora;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.CounterRandom;
import org.gpt2j.nn.Parameter;
import org.gpt2j.safetensors.SafetensorsWriter;
import org.gpt2j.safetensors.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model with LoRA adapters in its layers, as peft's get_peft_model makes it: the base is frozen,
 * the adapters (and what bias and modules_to_save name) are trained. The model itself is changed in
 * place, once all is known to be well: where {@link #apply} or {@link #fromPretrained} fails, it is
 * what it was.
 */
public final class LoraModel {
  /** Name of the weights' file in an adapter directory. */
  public static final String WEIGHTS_FILE = "adapter_model.safetensors";

  private static final Logger LOG = LoggerFactory.getLogger(LoraModel.class);

  private final Gpt2PreTrainedModel model;
  private final LoraConfig config;
  private final AdapterLayout layout;
  private final Map<String, LoraLinear> layers = new LinkedHashMap<>();

  /** Where A and B of a layer come from. */
  private interface LoraWeights {
    Parameter loraA(AdapterLayout.Layer layer);

    Parameter loraB(AdapterLayout.Layer layer);
  }

  /** Makes the adapters; the model is not changed before {@link #install}. */
  private LoraModel(
      Gpt2PreTrainedModel model, LoraConfig config, AdapterLayout layout, LoraWeights weights) {
    this.model = model;
    this.config = config;
    this.layout = layout;
    if (!config.fanInFanOut()) {
      LOG.warn("fan_in_fan_out is false but GPT-2's layers are Conv1D: taken as true");
    }
    layout
        .layers()
        .forEach(
            (name, layer) ->
                layers.put(
                    name,
                    new LoraLinear(
                        layer.base(),
                        weights.loraA(layer),
                        weights.loraB(layer),
                        layer.scaling(),
                        config.loraDropout())));
  }

  private LoraModel install(boolean trainable) {
    model
        .transformer()
        .replaceProjections(p -> layers.containsKey(p.name()) ? layers.get(p.name()) : p);
    setTrainable(trainable);
    return this;
  }

  /**
   * Puts fresh adapters into a model: A uniform in ±1/sqrt(in) (peft's kaiming_uniform with a =
   * sqrt(5)), B zero, so that the outputs stay what they were.
   *
   * @param seed each A is a function of it and of its own name
   * @throws IllegalArgumentException if target_modules hit nothing, or a module that is no Conv1D
   * @throws IllegalStateException if the model has an adapter already
   */
  public static LoraModel apply(Gpt2PreTrainedModel model, LoraConfig config, long seed) {
    AdapterLayout layout = new AdapterLayout(model, config, Set.of());
    return new LoraModel(model, config, layout, fresh(seed)).install(true);
  }

  private static LoraWeights fresh(long seed) {
    return new LoraWeights() {
      @Override
      public Parameter loraA(AdapterLayout.Layer layer) {
        String name = layer.base().name();
        int in = layer.base().inFeatures();
        long key = CounterRandom.key(seed, name.hashCode());
        double bound = 1 / Math.sqrt(in);
        float[] values = new float[layer.r() * in];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (bound * (2 * (double) CounterRandom.uniform(key, i) - 1));
        }
        INDArray a = Nd4j.createUninitialized(typeOf(layer), layer.r(), in);
        a.data().setData(values);
        return new Parameter(name + ".lora_A.weight", a);
      }

      @Override
      public Parameter loraB(AdapterLayout.Layer layer) {
        return Parameter.zeros(
            layer.base().name() + ".lora_B.weight",
            typeOf(layer),
            layer.base().outFeatures(),
            layer.r());
      }
    };
  }

  private static LoraWeights read(Map<String, INDArray> file) {
    return new LoraWeights() {
      @Override
      public Parameter loraA(AdapterLayout.Layer layer) {
        return parameter(layer, ".lora_A.weight", file.get(layer.nameA()));
      }

      @Override
      public Parameter loraB(AdapterLayout.Layer layer) {
        return parameter(layer, ".lora_B.weight", file.get(layer.nameB()));
      }

      /** A copy: what was read may lie in the mapped file. */
      private Parameter parameter(AdapterLayout.Layer layer, String suffix, INDArray values) {
        INDArray copy = Nd4j.createUninitialized(typeOf(layer), values.shape());
        return new Parameter(layer.base().name() + suffix, copy.assign(values));
      }
    };
  }

  private static DataType typeOf(AdapterLayout.Layer layer) {
    return layer.base().weight().value().dataType();
  }

  /**
   * Loads an adapter directory that this class or peft wrote. Every tensor must be there, in its
   * shape, and no other.
   *
   * @param trainable false freezes all parameters, for inference
   * @throws IOException naming the file, if it cannot be read or does not fit the model
   * @throws IllegalStateException if the model has an adapter already
   */
  public static LoraModel fromPretrained(Gpt2PreTrainedModel model, Path dir, boolean trainable)
      throws IOException {
    return fromPretrained(model, PretrainedAdapter.open(dir), trainable);
  }

  /**
   * Loads the weights of an adapter directory by a config that differs from the stored one in what
   * the weights allow. Every tensor must be there, in its shape, and no other.
   *
   * @param trainable false freezes all parameters, for inference
   * @throws IOException naming the file, if it cannot be read or does not fit the model
   * @throws IllegalStateException if the model has an adapter already
   */
  public static LoraModel fromPretrained(
      Gpt2PreTrainedModel model, Path dir, LoraConfig config, boolean trainable)
      throws IOException {
    return fromPretrained(model, PretrainedAdapter.open(dir, config), trainable);
  }

  /**
   * Loads an adapter whose config was read. Every tensor must be there, in its shape, and no other.
   *
   * @param model as {@link PretrainedAdapter#forClassifier} or {@link
   *     PretrainedAdapter#forLanguageModel} make it of the base, where the adapter has embeddings
   * @param trainable false freezes all parameters, for inference
   * @throws IOException naming the file, if it cannot be read or does not fit the model
   * @throws IllegalStateException if the model has an adapter already
   */
  public static LoraModel fromPretrained(
      Gpt2PreTrainedModel model, PretrainedAdapter adapter, boolean trainable) throws IOException {
    AdapterLayout layout;
    try {
      layout = new AdapterLayout(model, adapter.config(), adapter.names());
    } catch (IllegalArgumentException e) {
      throw new IOException(
          adapter.directory().resolve(LoraConfigFile.NAME) + ": " + e.getMessage(), e);
    }
    try (AdapterWeights file = AdapterWeights.open(adapter.directory())) {
      Map<String, INDArray> values = file.read(layout.shapes());
      LoraModel lora = new LoraModel(model, adapter.config(), layout, read(values));
      layout.readInto(values);
      return lora.install(trainable);
    }
  }

  /**
   * Reads adapter_config.json of a directory.
   *
   * @throws IOException naming the file and the key, if it is missing or cannot be used
   */
  public static LoraConfig readConfig(Path dir) throws IOException {
    return PretrainedAdapter.readConfig(dir);
  }

  private void setTrainable(boolean trainable) {
    model.freeze();
    if (trainable) {
      for (LoraLinear layer : layers.values()) {
        layer.loraA().setRequiresGrad(true);
        layer.loraB().setRequiresGrad(true);
      }
      layout.biases().forEach(p -> p.setRequiresGrad(true));
      layout.savedInFull().forEach(p -> p.setRequiresGrad(true));
    }
  }

  public Gpt2PreTrainedModel model() {
    return model;
  }

  public LoraConfig config() {
    return config;
  }

  /** The adapter's tensors by the names that peft gives them in its file. */
  public Map<String, INDArray> stateDict() {
    Map<String, INDArray> state = new LinkedHashMap<>();
    layout
        .layers()
        .forEach(
            (name, layer) -> {
              state.put(layer.nameA(), layers.get(name).loraA().value());
              state.put(layer.nameB(), layers.get(name).loraB().value());
            });
    layout.parameters().forEach((name, p) -> state.put(name, p.value()));
    return state;
  }

  /**
   * Takes the weights of a directory that {@link #savePretrained} wrote: training goes on from
   * them.
   *
   * @throws IOException naming the file, if it cannot be read or does not fit; the weights are then
   *     what they were
   */
  public void loadWeights(Path dir) throws IOException {
    Map<String, INDArray> state = stateDict();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    state.forEach((name, array) -> shapes.put(name, array.shape()));
    try (AdapterWeights file = AdapterWeights.open(dir)) {
      file.read(shapes).forEach((name, array) -> state.get(name).assign(array));
    }
  }

  /**
   * Writes adapter_config.json and adapter_model.safetensors as peft's save_pretrained does, so
   * that stock peft loads them; the directory is made if it is missing.
   */
  public void savePretrained(Path dir) throws IOException {
    AtomicFile.createDirectories(dir);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    stateDict().forEach((name, array) -> tensors.put(name, Tensor.of(array)));
    SafetensorsWriter.write(dir.resolve(WEIGHTS_FILE), tensors, Map.of("format", "pt"));
    List<String> targets = layers.keySet().stream().map(AdapterNames::module).toList();
    LoraConfigFile.write(dir, config, targets, layout.modulesToSave());
  }

  /** Adds the updates to the base weights, for inference at the base model's cost. */
  public void merge() {
    layers.values().forEach(LoraLinear::merge);
  }

  /** Takes the updates out again: the base weights are bit for bit what they were. */
  public void unmerge() {
    layers.values().forEach(LoraLinear::unmerge);
  }

  /** Merges for good and returns the plain model; this object is of no use after that. */
  public Gpt2PreTrainedModel mergeAndUnload() {
    model.transformer().replaceProjections(p -> p instanceof LoraLinear l ? l.mergeAndUnload() : p);
    return model;
  }

  /** The line that peft's print_trainable_parameters() prints. */
  public String trainableParameters() {
    long trainable = 0;
    long all = 0;
    for (Parameter p : model.parameters()) {
      long n = p.value().length();
      trainable += p.requiresGrad() ? n : 0;
      // peft keeps the original of a module in modules_to_save, and counts it.
      all += layout.savedInFull().contains(p) ? 2 * n : n;
    }
    return String.format(
        Locale.ROOT,
        "trainable params: %,d || all params: %,d || trainable%%: %.4f",
        trainable,
        all,
        100.0 * trainable / all);
  }
}
