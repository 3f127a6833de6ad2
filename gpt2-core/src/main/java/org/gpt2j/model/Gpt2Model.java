package org.gpt2j.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.gpt2j.nn.Backend;
import org.gpt2j.nn.Block;
import org.gpt2j.nn.Conv1D;
import org.gpt2j.nn.Embeddings;
import org.gpt2j.nn.Int8Linear;
import org.gpt2j.nn.LayerNorm;
import org.gpt2j.nn.Mlp;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.PackedLinear;
import org.gpt2j.nn.Parameter;
import org.gpt2j.nn.Pass;
import org.gpt2j.nn.Projection;
import org.gpt2j.nn.SelfAttention;
import org.gpt2j.nn.Workspace;
import org.gpt2j.safetensors.DType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The trunk: embeddings, n_layer blocks, final layer norm. The heads decide which rows go through
 * the final layer norm, so {@link #forward} stops before it.
 */
public final class Gpt2Model {
  private final Gpt2Config config;
  private final Embeddings embeddings;
  private final List<Block> blocks = new ArrayList<>();
  private final LayerNorm lnF;
  private boolean forInference;

  /** Builds the network of a config from the weights of a source. */
  public Gpt2Model(Gpt2Config config, WeightSource weights) throws IOException {
    Backend.initialize();
    Backend.kernels(DataType.FLOAT); // waits for a thread that loads ND4J, before the first array
    this.config = config;
    long c = config.nEmbd();
    embeddings =
        new Embeddings(
            parameter(weights, "wte.weight", config.vocabSize(), c),
            parameter(weights, "wpe.weight", config.nPositions(), c),
            config.embdPdrop());
    for (int i = 0; i < config.nLayer(); i++) {
      blocks.add(block(weights, i));
    }
    lnF = layerNorm(weights, "ln_f");
  }

  private Block block(WeightSource weights, int i) throws IOException {
    String name = "h." + i;
    long c = config.nEmbd();
    long inner = config.nInner();
    double scale = config.scaleAttnWeights() ? 1 / Math.sqrt((double) c / config.nHead()) : 1;
    if (config.scaleAttnByInverseLayerIdx()) {
      scale /= i + 1;
    }
    return new Block(
        name,
        layerNorm(weights, name + ".ln_1"),
        new SelfAttention(
            name + ".attn",
            conv1d(weights, name + ".attn.c_attn", c, 3 * c),
            conv1d(weights, name + ".attn.c_proj", c, c),
            config.nHead(),
            scale,
            config.attnPdrop()),
        layerNorm(weights, name + ".ln_2"),
        new Mlp(
            name + ".mlp",
            conv1d(weights, name + ".mlp.c_fc", c, inner),
            conv1d(weights, name + ".mlp.c_proj", inner, c),
            config.activationFunction()),
        config.residPdrop());
  }

  private static Parameter parameter(WeightSource weights, String name, long... shape)
      throws IOException {
    return new Parameter(name, weights.get(name, shape));
  }

  private static Conv1D conv1d(WeightSource weights, String name, long in, long out)
      throws IOException {
    return new Conv1D(
        name,
        parameter(weights, name + ".weight", in, out),
        parameter(weights, name + ".bias", out));
  }

  private LayerNorm layerNorm(WeightSource weights, String name) throws IOException {
    String weight = name + ".weight";
    String bias = name + ".bias";
    return new LayerNorm(
        name,
        new Parameter(weight, weights.get(weight, config.nEmbd()), true),
        new Parameter(bias, weights.get(bias, config.nEmbd()), true),
        config.layerNormEpsilon());
  }

  /** Loads the trunk of a model directory; a head in it is left aside. */
  public static Gpt2Model fromPretrained(Path dir) throws IOException {
    return Checkpoint.read(dir, checkpoint -> new Gpt2Model(checkpoint.config(), checkpoint));
  }

  /** Writes the trunk alone, its names without the `transformer.` prefix, as transformers does. */
  public void savePretrained(Path dir) throws IOException {
    Map<String, INDArray> state = new LinkedHashMap<>();
    requireTrainable();
    parameters(p -> state.put(p.name(), p.value()));
    Checkpoint.write(dir, state, config, "GPT2Model", DType.F32);
  }

  /** The hidden states [T,C] after the final layer norm, in memory of the caller's. */
  public INDArray lastHiddenState(PackedBatch batch) {
    DataType type = embeddings.wpe().value().dataType();
    Pass pass = Pass.inference(Backend.kernels(type), new Workspace(type), batch);
    return lnF.forward(forward(pass), false, pass).dup('c');
  }

  /** See {@link Gpt2PreTrainedModel#toInt8}. */
  void toInt8() {
    replaceWeights(Int8Linear::new);
    embeddings.toInt8();
  }

  /** See {@link Gpt2PreTrainedModel#pack}. */
  void pack() {
    replaceWeights(PackedLinear::new);
  }

  private void replaceWeights(Function<Conv1D, Projection> form) {
    for (Projection p : projections().values()) {
      if (!(p instanceof Conv1D)) {
        throw new IllegalStateException(
            p.name() + " has an adapter: merge it (mergeAndUnload) before its weights change form");
      }
    }
    forInference = true;
    replaceProjections(
        p -> {
          Conv1D base = (Conv1D) p;
          Projection other = form.apply(base);
          base.weight().value().close(); // at once, not when the garbage collector comes to it
          return other;
        });
  }

  boolean isInt8() {
    return embeddings.int8Wte() != null;
  }

  /** Whether the weights have a form that has no gradients. */
  boolean isForInference() {
    return forInference;
  }

  void requireTrainable() {
    if (forInference) {
      throw new IllegalStateException(
          "the weights were packed or rounded for inference only: load the model again to train or"
              + " save it");
    }
  }

  public Gpt2Config config() {
    return config;
  }

  public Embeddings embeddings() {
    return embeddings;
  }

  List<Block> blocks() {
    return blocks;
  }

  /** The layer norm after the last block. */
  public LayerNorm lnF() {
    return lnF;
  }

  /** The last block's output [T,C], before the final layer norm. */
  public INDArray forward(Pass pass) {
    return forward(pass, null);
  }

  /**
   * The last block's output [R,C] of some tokens only: what comes after the last attention is
   * computed for no other.
   *
   * @param rows the R tokens, named by their rows in the batch; null for all
   */
  public INDArray forward(Pass pass, int[] rows) {
    INDArray x = embeddings.forward(pass);
    for (Block block : blocks.subList(0, blocks.size() - 1)) {
      x = block.forward(x, pass);
    }
    return blocks.get(blocks.size() - 1).forward(x, rows, pass);
  }

  /**
   * Adds the gradients of all trainable parameters; stops below the lowest of them.
   *
   * @param d [T,C] or [R,C], the gradient by {@link #forward}'s result; overwritten
   */
  public void backward(INDArray d, Pass pass) {
    int lowest = lowestTrainable();
    INDArray dx = d;
    for (int i = blocks.size() - 1; i >= 0 && i >= lowest; i--) {
      dx = blocks.get(i).backward(dx, i > lowest, pass);
    }
    if (lowest < 0) {
      embeddings.backward(dx, pass);
    }
  }

  /** Whether anything below the final layer norm is trained. */
  public boolean requiresGrad() {
    return lowestTrainable() < blocks.size();
  }

  /** Index of the first block with a trainable parameter; -1 means the embeddings. */
  private int lowestTrainable() {
    if (embeddings.requiresGrad()) {
      return -1;
    }
    int i = 0;
    while (i < blocks.size() && !blocks.get(i).requiresGrad()) {
      i++;
    }
    return i;
  }

  /** Calls for each parameter in the order of PyTorch's named_parameters(). */
  public void parameters(Consumer<Parameter> action) {
    embeddings.parameters(action);
    blocks.forEach(b -> b.parameters(action));
    lnF.parameters(action);
  }

  /** The affine maps that an adapter may wrap, by name, in the order of PyTorch's modules. */
  public Map<String, Projection> projections() {
    Map<String, Projection> all = new LinkedHashMap<>();
    for (Block b : blocks) {
      for (Projection p :
          List.of(b.attn().cAttn(), b.attn().cProj(), b.mlp().cFc(), b.mlp().cProj())) {
        all.put(p.name(), p);
      }
    }
    return all;
  }

  /** Replaces every affine map by what the operator makes of it (the same one to leave it). */
  public void replaceProjections(UnaryOperator<Projection> operator) {
    for (Block b : blocks) {
      b.attn().setCAttn(operator.apply(b.attn().cAttn()));
      b.attn().setCProj(operator.apply(b.attn().cProj()));
      b.mlp().setCFc(operator.apply(b.mlp().cFc()));
      b.mlp().setCProj(operator.apply(b.mlp().cProj()));
    }
  }
}
