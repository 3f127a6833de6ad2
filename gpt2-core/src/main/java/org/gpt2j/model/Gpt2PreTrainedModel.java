package org.gpt2j.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.gpt2j.nn.Backend;
import org.gpt2j.nn.Kernels;
import org.gpt2j.nn.KeyValueCache;
import org.gpt2j.nn.Labels;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.nn.Pass;
import org.gpt2j.nn.Workspace;
import org.gpt2j.safetensors.DType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A trunk with a head: what the trainer and the adapters see. A model keeps its activations, so one
 * instance serves one thread at a time. New models are trainable in full; {@link #freeze} changes
 * that.
 */
public abstract class Gpt2PreTrainedModel {
  /** Name of the weights' file in a model directory. */
  public static final String WEIGHTS_FILE = "model.safetensors";

  /** Prefix of the trunk's names in the files of a model with a head. */
  public static final String PREFIX = "transformer.";

  private final Gpt2Config config;
  private final Gpt2Model transformer;
  private final Workspace workspace;
  private final Kernels kernels;

  Gpt2PreTrainedModel(Gpt2Config config, Gpt2Model transformer) {
    this.config = config;
    this.transformer = transformer;
    INDArray wte = transformer.embeddings().wte().value();
    this.workspace = new Workspace(wte.dataType());
    this.kernels = Backend.kernels(wte.dataType());
  }

  public Gpt2Config config() {
    return config;
  }

  public Gpt2Model transformer() {
    return transformer;
  }

  Kernels kernels() {
    return kernels;
  }

  /**
   * Whether a directory holds the weights of a whole model: {@link #WEIGHTS_FILE}, or the index of
   * its shards.
   */
  public static boolean hasWeights(Path dir) {
    return WeightFiles.areIn(dir);
  }

  /** Bytes of activations held for reuse, off the heap. */
  public long workspaceBytes() {
    return workspace.bytes();
  }

  final Pass inferencePass(PackedBatch batch) {
    return Pass.inference(kernels, workspace, batch);
  }

  final Pass generationPass(PackedBatch batch, KeyValueCache cache, int[] cacheSequences) {
    return Pass.generation(kernels, workspace, batch, cache, cacheSequences);
  }

  /** Calls for each parameter in the order of PyTorch's named_parameters(), the head last. */
  public final void parameters(Consumer<Parameter> action) {
    transformer.parameters(action);
    headParameters(action);
  }

  abstract void headParameters(Consumer<Parameter> action);

  public final List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    parameters(all::add);
    return all;
  }

  public final List<Parameter> trainableParameters() {
    return parameters().stream().filter(Parameter::requiresGrad).toList();
  }

  /** Makes every parameter a constant. */
  public final void freeze() {
    parameters(p -> p.setRequiresGrad(false));
  }

  /** Makes every parameter trainable. */
  public final void unfreeze() {
    parameters(p -> p.setRequiresGrad(true));
  }

  public final void zeroGradients() {
    parameters(Parameter::zeroGradient);
  }

  /** The class's name in transformers, for config.json. */
  public abstract String architecture();

  /** Name of the head's module, `score` or `lm_head`. */
  public abstract String headName();

  /**
   * Forward and backward without dropout: adds the gradients of lossScale times the mean loss.
   *
   * @param labels class indices, see the model's class
   * @param lossScale 1, or 1/n where n batches are accumulated
   * @return the mean loss, not scaled
   */
  public final double forwardBackward(PackedBatch batch, int[] labels, double lossScale) {
    return forwardBackward(batch, new Labels.Ids(labels), lossScale);
  }

  /**
   * Forward and backward without dropout: adds the gradients of lossScale times the mean loss.
   *
   * @param labels see the model's class
   * @param lossScale 1, or 1/n where n batches are accumulated
   * @return the mean loss, not scaled
   */
  public final double forwardBackward(PackedBatch batch, Labels labels, double lossScale) {
    return forwardBackward(labels, lossScale, Pass.gradients(kernels, workspace, batch));
  }

  /**
   * Forward and backward with dropout: adds the gradients of lossScale times the mean loss.
   *
   * @param labels class indices, see the model's class
   * @param lossScale 1, or 1/n where n batches are accumulated
   * @param dropoutKey the dropout masks are a function of it
   * @return the mean loss, not scaled
   */
  public final double forwardBackward(
      PackedBatch batch, int[] labels, double lossScale, long dropoutKey) {
    return forwardBackward(batch, new Labels.Ids(labels), lossScale, dropoutKey);
  }

  /**
   * Forward and backward with dropout: adds the gradients of lossScale times the mean loss.
   *
   * @param labels see the model's class
   * @param lossScale 1, or 1/n where n batches are accumulated
   * @param dropoutKey the dropout masks are a function of it
   * @return the mean loss, not scaled
   */
  public final double forwardBackward(
      PackedBatch batch, Labels labels, double lossScale, long dropoutKey) {
    return forwardBackward(labels, lossScale, Pass.training(kernels, workspace, batch, dropoutKey));
  }

  /**
   * Forward and backward on kernels and memory of the caller's: adds the gradients of lossScale
   * times the mean loss.
   *
   * @param labels class indices, see the model's class
   * @param lossScale 1, or 1/n where n batches are accumulated
   * @param pass one that keeps activations
   * @return the mean loss, not scaled
   */
  public final double forwardBackward(int[] labels, double lossScale, Pass pass) {
    return forwardBackward(new Labels.Ids(labels), lossScale, pass);
  }

  /**
   * Forward and backward on kernels and memory of the caller's: adds the gradients of lossScale
   * times the mean loss.
   *
   * @param labels see the model's class
   * @param lossScale 1, or 1/n where n batches are accumulated
   * @param pass one that keeps activations
   * @return the mean loss, not scaled
   */
  public abstract double forwardBackward(Labels labels, double lossScale, Pass pass);

  /**
   * Rounds the weights of the affine maps and of the token table to 8 bits (see {@link
   * org.gpt2j.nn.Int8Matrix}) and lets go of the floats, for inference at a quarter of the memory.
   * There is no way back: after that the model cannot be trained or saved.
   *
   * @throws IllegalStateException if a layer has an adapter that is not merged, or packed weights
   */
  public void toInt8() {
    if (!transformer.isInt8()) {
      transformer.requireTrainable();
      transformer.toInt8();
      freeze();
    }
  }

  /**
   * Copies the weights of the affine maps into the order in which short batches are computed
   * fastest, and lets go of the originals, for inference; does nothing where the kernels do not
   * gain by it. There is no way back: after that the model cannot be trained or saved.
   *
   * @throws IllegalStateException if a layer has an adapter that is not merged
   */
  public void pack() {
    if (!transformer.isForInference() && kernels.prefersPackedWeights()) {
      transformer.pack();
      freeze();
    }
  }

  /** Names in a file of this model, and the arrays: the trunk's carry the prefix. */
  public final Map<String, INDArray> stateDict() {
    transformer.requireTrainable();
    Map<String, INDArray> state = new LinkedHashMap<>();
    transformer.parameters(p -> state.put(PREFIX + p.name(), p.value()));
    headParameters(p -> state.put(p.name(), p.value()));
    return state;
  }

  /**
   * Takes the weights of a directory that {@link #savePretrained} wrote, of a model of this class
   * and shape: training goes on from them.
   *
   * @throws IOException naming the file, if it cannot be read or does not fit; the weights are then
   *     a mixture
   */
  public final void loadWeights(Path dir) throws IOException {
    Map<String, INDArray> state = stateDict();
    Checkpoint.read(
        dir,
        config,
        file -> {
          for (Map.Entry<String, INDArray> e : state.entrySet()) {
            e.getValue().assign(file.get(e.getKey(), e.getValue().shape()));
          }
          return state;
        });
  }

  /**
   * Writes config.json and model.safetensors as transformers does, the config with this class's
   * architecture and data type; the directory is made if it is missing, and each file appears whole
   * or not at all.
   */
  public final void savePretrained(Path dir) throws IOException {
    savePretrained(dir, DType.F32);
  }

  /** As above with the weights rounded to F16 or BF16. */
  public final void savePretrained(Path dir, DType dtype) throws IOException {
    Checkpoint.write(dir, stateDict(), config, architecture(), dtype);
  }
}
