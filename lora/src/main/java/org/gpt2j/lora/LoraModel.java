package org.gpt2j.lora;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.gpt2j.io.AtomicFile;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Conv1D;
import org.gpt2j.nn.CounterRandom;
import org.gpt2j.nn.Int8Linear;
import org.gpt2j.nn.PackedLinear;
import org.gpt2j.nn.Parameter;
import org.gpt2j.nn.Projection;
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
  private static final String BASE_PREFIX = "base_model.model.";

  /** Heads that peft adds to modules_to_save for SEQ_CLS. */
  private static final List<String> CLASSIFIER_HEADS = List.of("classifier", "score");

  private final Gpt2PreTrainedModel model;
  private final LoraConfig config;
  private final List<String> modulesToSave;
  private final Map<String, LoraLinear> layers = new LinkedHashMap<>();
  private final Set<Parameter> savedInFull = new LinkedHashSet<>();
  private final Set<Parameter> biases = new LinkedHashSet<>();

  /** Makes the adapters; the model is not changed before {@link #install}. */
  private LoraModel(Gpt2PreTrainedModel model, LoraConfig config, long seed) {
    this.model = model;
    this.config = config;
    checkTask();
    Set<String> save = new LinkedHashSet<>(config.modulesToSave());
    if (config.taskType() == LoraConfig.TaskType.SEQ_CLS) {
      save.addAll(CLASSIFIER_HEADS);
    }
    modulesToSave = List.copyOf(save);
    if (!config.fanInFanOut()) {
      LOG.warn("fan_in_fan_out is false but GPT-2's layers are Conv1D: taken as true");
    }
    makeLayers(seed);
    selectBiases();
    selectModulesToSave();
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
    return new LoraModel(model, config, seed).install(true);
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
    return fromPretrained(model, dir, readConfig(dir), trainable);
  }

  /** As above, with a config that differs from the stored one in what the weights allow. */
  public static LoraModel fromPretrained(
      Gpt2PreTrainedModel model, Path dir, LoraConfig config, boolean trainable)
      throws IOException {
    checkDirectory(dir);
    LoraModel lora;
    try {
      lora = new LoraModel(model, config, 0);
    } catch (IllegalArgumentException e) {
      throw new IOException(dir.resolve(LoraConfigFile.NAME) + ": " + e.getMessage(), e);
    }
    AdapterWeights.read(dir, lora.stateDict());
    return lora.install(trainable);
  }

  /** Reads adapter_config.json of a directory. */
  public static LoraConfig readConfig(Path dir) throws IOException {
    checkDirectory(dir);
    return LoraConfigFile.read(dir);
  }

  private static void checkDirectory(Path dir) throws IOException {
    if (!Files.isDirectory(dir)) {
      String found = Files.exists(dir) ? "a file" : "no such directory";
      throw new IOException(dir + ": expected an adapter's directory, found " + found);
    }
  }

  private void checkTask() {
    boolean classifier = model instanceof Gpt2ForSequenceClassification;
    if (classifier != (config.taskType() == LoraConfig.TaskType.SEQ_CLS)) {
      throw new IllegalArgumentException(
          "task_type: "
              + config.taskType()
              + " does not fit a "
              + model.getClass().getSimpleName());
    }
  }

  private static String fullName(String trunkName) {
    return Gpt2PreTrainedModel.PREFIX + trunkName;
  }

  private void makeLayers(long seed) {
    TargetModules targets = config.targetModules();
    if (!targets.isAllLinear()) {
      refuseOtherModules(targets);
    }
    for (Projection p : model.transformer().projections().values()) {
      if (p instanceof Int8Linear || p instanceof PackedLinear) {
        throw new IllegalStateException(
            p.name()
                + (p instanceof PackedLinear ? " was packed" : " was rounded to 8 bits")
                + " for inference: expected a model as it was loaded");
      }
      if (!(p instanceof Conv1D base)) {
        throw new IllegalStateException(
            p.name() + " has an adapter already: expected a model without one");
      }
      if (targets.matches(fullName(p.name()))) {
        layers.put(p.name(), adapter(base, seed));
      }
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException(
          "target_modules: "
              + targets
              + " names no module of the model; it has c_attn, c_proj and c_fc");
    }
  }

  /** Every module that is no Conv1D must be missed by the targets, as in peft. */
  private void refuseOtherModules(TargetModules targets) {
    Set<String> modules = new LinkedHashSet<>(List.of("transformer", "transformer.drop"));
    model.parameters(p -> modules.addAll(modulesAround(p)));
    model.transformer().projections().keySet().forEach(name -> modules.remove(fullName(name)));
    for (String module : modules) {
      if (targets.matches(module)) {
        throw new IllegalArgumentException(
            "target_modules: " + targets + " hits " + module + ", which is no Conv1D layer");
      }
    }
  }

  /** The parameter's name in a file of the base model: the trunk's carry its prefix. */
  private String fullName(Parameter p) {
    return p.name().equals(model.headName() + ".weight") ? p.name() : fullName(p.name());
  }

  /** Full names of the modules that hold a parameter, the innermost first. */
  private List<String> modulesAround(Parameter p) {
    List<String> modules = new ArrayList<>();
    String path = fullName(p);
    for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
      modules.add(path.substring(0, dot));
    }
    return modules;
  }

  private LoraLinear adapter(Conv1D base, long seed) {
    String name = base.name();
    int r = config.rank(fullName(name));
    long in = base.inFeatures();
    if (r * Math.max(in, base.outFeatures()) > Integer.MAX_VALUE / Float.BYTES) {
      throw new IllegalArgumentException(
          "r: rank " + r + " of " + name + " would take more than 2 GiB");
    }
    DataType type = base.weight().value().dataType();
    INDArray a = Nd4j.createUninitialized(type, r, in);
    long key = CounterRandom.key(seed, name.hashCode());
    double bound = 1 / Math.sqrt(in);
    float[] values = new float[Math.toIntExact(r * in)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (bound * (2 * (double) CounterRandom.uniform(key, i) - 1));
    }
    a.data().setData(values);
    return new LoraLinear(
        base,
        new Parameter(name + ".lora_A.weight", a),
        Parameter.zeros(name + ".lora_B.weight", type, base.outFeatures(), r),
        config.scaling(fullName(name)),
        config.loraDropout());
  }

  private void selectBiases() {
    switch (config.bias()) {
      case NONE -> {}
      case LORA_ONLY -> layers.values().forEach(l -> biases.add(l.base().bias()));
      case ALL ->
          model.parameters(
              p -> {
                if (p.name().endsWith(".bias")) {
                  biases.add(p);
                }
              });
    }
  }

  /** A parameter is saved in full if a module on its path ends with one of the names. */
  private void selectModulesToSave() {
    model.parameters(
        p -> {
          if (modulesAround(p).stream()
              .anyMatch(m -> modulesToSave.stream().anyMatch(m::endsWith))) {
            savedInFull.add(p);
          }
        });
    for (LoraLinear layer : layers.values()) {
      if (savedInFull.contains(layer.base().weight())) {
        throw new IllegalArgumentException(
            "modules_to_save: " + layer.name() + " is in target_modules too");
      }
    }
    if (model.config().tieWordEmbeddings()
        && config.taskType() == LoraConfig.TaskType.CAUSAL_LM
        && savedInFull.contains(model.transformer().embeddings().wte())) {
      throw new IllegalArgumentException(
          "modules_to_save: wte is tied to lm_head, which would no longer hold in peft");
    }
  }

  private void setTrainable(boolean trainable) {
    model.freeze();
    if (trainable) {
      for (LoraLinear layer : layers.values()) {
        layer.loraA().setRequiresGrad(true);
        layer.loraB().setRequiresGrad(true);
      }
      biases.forEach(p -> p.setRequiresGrad(true));
      savedInFull.forEach(p -> p.setRequiresGrad(true));
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
    Set<Parameter> wrapped = new LinkedHashSet<>();
    Map<String, INDArray> state = new LinkedHashMap<>();
    for (LoraLinear layer : layers.values()) {
      state.put(fileName(layer.loraA()), layer.loraA().value());
      state.put(fileName(layer.loraB()), layer.loraB().value());
      wrapped.add(layer.base().bias());
    }
    for (Parameter p : biases) {
      String name = fileName(p);
      if (wrapped.contains(p)) {
        name = name.replaceAll("\\.bias$", ".base_layer.bias");
      }
      state.put(name, p.value());
    }
    savedInFull.forEach(p -> state.put(fileName(p), p.value()));
    return state;
  }

  private String fileName(Parameter p) {
    return BASE_PREFIX + fullName(p);
  }

  /**
   * Takes the weights of a directory that {@link #savePretrained} wrote: training goes on from
   * them.
   *
   * @throws IOException naming the file, if it cannot be read or does not fit; the weights are then
   *     what they were
   */
  public void loadWeights(Path dir) throws IOException {
    AdapterWeights.read(dir, stateDict());
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
    LoraConfigFile.write(
        dir, config, layers.keySet().stream().map(LoraModel::fullName).toList(), modulesToSave);
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
      all += savedInFull.contains(p) ? 2 * n : n;
    }
    return String.format(
        Locale.ROOT,
        "trainable params: %,d || all params: %,d || trainable%%: %.4f",
        trainable,
        all,
        100.0 * trainable / all);
  }
}
