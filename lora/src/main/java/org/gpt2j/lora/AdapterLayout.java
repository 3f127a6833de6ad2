package org.gpt2j.lora;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Conv1D;
import org.gpt2j.nn.Parameter;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Which tensors an adapter of a config has in a model, with their names and shapes in peft's file.
 * Nothing is allocated here, and the model is not changed.
 */
final class AdapterLayout {
  /** Heads that peft adds to modules_to_save for these tasks. */
  private static final List<String> CLASSIFIER_HEADS = List.of("classifier", "score");

  /** A and B of one layer. */
  record Layer(Conv1D base, int r, double scaling) {
    String nameA() {
      return AdapterNames.BASE_PREFIX + AdapterNames.module(base.name()) + ".lora_A.weight";
    }

    String nameB() {
      return AdapterNames.BASE_PREFIX + AdapterNames.module(base.name()) + ".lora_B.weight";
    }
  }

  private final Gpt2PreTrainedModel model;
  private final LoraConfig config;
  private final List<String> modulesToSave;
  private final Map<String, Layer> layers = new LinkedHashMap<>();
  private final Set<Parameter> savedInFull = new LinkedHashSet<>();
  private final Set<Parameter> biases = new LinkedHashSet<>();
  private final Set<Parameter> embeddings = new LinkedHashSet<>();
  private boolean tiedHeadInFile;

  /**
   * @param namesInFile names of the adapter's file, which may have embeddings that no option calls
   *     for; empty for a new adapter
   * @throws IllegalArgumentException naming the option that does not fit the model
   * @throws IllegalStateException if the model is not as it was loaded
   */
  AdapterLayout(Gpt2PreTrainedModel model, LoraConfig config, Set<String> namesInFile) {
    this.model = model;
    this.config = config;
    checkTask();
    modulesToSave = modulesToSave(config);
    addLayers();
    selectBiases();
    selectModulesToSave();
    selectEmbeddings(namesInFile);
  }

  /** The config's modules to save, and those that peft adds for its task. */
  static List<String> modulesToSave(LoraConfig config) {
    Set<String> save = new LinkedHashSet<>(config.modulesToSave());
    if (config.taskType() == LoraConfig.TaskType.SEQ_CLS
        || config.taskType() == LoraConfig.TaskType.TOKEN_CLS) {
      save.addAll(CLASSIFIER_HEADS);
    }
    return List.copyOf(save);
  }

  /** Other tasks than these two say nothing about the head: the tensors do. */
  private void checkTask() {
    LoraConfig.TaskType other =
        model instanceof Gpt2ForSequenceClassification
            ? LoraConfig.TaskType.CAUSAL_LM
            : LoraConfig.TaskType.SEQ_CLS;
    if (config.taskType() == other) {
      throw new IllegalArgumentException(
          "task_type: "
              + config.taskType()
              + " does not fit a "
              + model.getClass().getSimpleName());
    }
  }

  private void addLayers() {
    RegexSteps steps = new RegexSteps();
    new AdaptedModules(config, modulesToSave)
        .of(model)
        .forEach(
            (name, base) -> {
              String module = AdapterNames.module(name);
              int r = config.rank(module, steps);
              long wider = Math.max(base.inFeatures(), base.outFeatures());
              if (r * wider > Integer.MAX_VALUE / Float.BYTES) {
                throw new IllegalArgumentException(
                    "r: rank " + r + " of " + name + " would take more than 2 GiB");
              }
              layers.put(name, new Layer(base, r, config.scaling(r, config.alpha(module, steps))));
            });
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
          if (AdapterNames.modulesAround(model, p).stream()
              .anyMatch(m -> AdapterNames.isSaved(m, modulesToSave))) {
            savedInFull.add(p);
          }
        });
    for (Layer layer : layers.values()) {
      if (savedInFull.contains(layer.base().weight())) {
        throw new IllegalArgumentException(
            "modules_to_save: " + layer.base().name() + " is in target_modules too");
      }
    }
    if (isTiedLanguageModel() && AdapterLayout.untiesHead(config)) {
      throw new IllegalArgumentException(
          "modules_to_save: wte is tied to lm_head, which would no longer hold in peft");
    }
  }

  /** Whether saving a table of tied ones leaves them with different numbers, as in peft. */
  static boolean untiesHead(LoraConfig config) {
    List<String> save = modulesToSave(config);
    return List.of("lm_head", "transformer.wte", "transformer").stream()
        .anyMatch(m -> AdapterNames.isSaved(m, save));
  }

  private boolean isTiedLanguageModel() {
    return !(model instanceof Gpt2ForSequenceClassification) && model.config().tieWordEmbeddings();
  }

  /**
   * Embeddings that peft saved although nothing trains them: by save_embedding_layers, which is on
   * where tokens were added to the vocabulary. A tied head is saved as well, with the same numbers.
   */
  private void selectEmbeddings(Set<String> namesInFile) {
    model.parameters(
        p -> {
          String name = AdapterNames.inFile(model, p);
          boolean embedding = name.equals(AdapterNames.WTE) || name.equals(AdapterNames.LM_HEAD);
          if (embedding && namesInFile.contains(name) && !savedInFull.contains(p)) {
            embeddings.add(p);
          }
        });
    tiedHeadInFile = isTiedLanguageModel() && namesInFile.contains(AdapterNames.LM_HEAD);
  }

  List<String> modulesToSave() {
    return modulesToSave;
  }

  /** The adapted layers by their names in the trunk. */
  Map<String, Layer> layers() {
    return layers;
  }

  /** What modules_to_save names: trained and saved. */
  Set<Parameter> savedInFull() {
    return savedInFull;
  }

  /** What the option bias names: trained and saved. */
  Set<Parameter> biases() {
    return biases;
  }

  /** The parameters of the model that are saved with the adapter, by their names in its file. */
  Map<String, Parameter> parameters() {
    Set<Parameter> wrapped = new LinkedHashSet<>();
    layers.values().forEach(l -> wrapped.add(l.base().bias()));
    Map<String, Parameter> all = new LinkedHashMap<>();
    for (Parameter p : biases) {
      String name = AdapterNames.inFile(model, p);
      all.put(wrapped.contains(p) ? name.replaceAll("\\.bias$", ".base_layer.bias") : name, p);
    }
    savedInFull.forEach(p -> all.put(AdapterNames.inFile(model, p), p));
    embeddings.forEach(p -> all.put(AdapterNames.inFile(model, p), p));
    return all;
  }

  /** What the file must have: names and shapes, in the order in which they are to be taken. */
  Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (Layer layer : layers.values()) {
      shapes.put(layer.nameA(), new long[] {layer.r(), layer.base().inFeatures()});
      shapes.put(layer.nameB(), new long[] {layer.base().outFeatures(), layer.r()});
    }
    parameters().forEach((name, p) -> shapes.put(name, p.value().shape()));
    if (tiedHeadInFile) {
      shapes.put(AdapterNames.LM_HEAD, model.transformer().embeddings().wte().value().shape());
    }
    return shapes;
  }

  /** Gives the parameters what was read of {@link #shapes}. */
  void readInto(Map<String, INDArray> values) {
    parameters().forEach((name, p) -> p.value().assign(values.get(name)));
    if (tiedHeadInFile) { // loaded last by peft too
      model.transformer().embeddings().wte().value().assign(values.get(AdapterNames.LM_HEAD));
    }
  }
}
