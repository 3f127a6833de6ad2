package org.gpt2j.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.gpt2j.testing.SeededWeights;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A layer of odd sizes in double precision, all layers behind one interface: y = forward(x), dx =
 * backward(dy).
 */
abstract class LayerCase {
  static final int WIDTH = 9;
  static final int HEADS = 3;
  static final int INNER = 7;
  static final int VOCAB = 11;
  static final int POSITIONS = 6;
  static final double DROPOUT = 0.3;
  private static final SeededWeights WEIGHTS = new SeededWeights(5, 10, DataType.DOUBLE);

  private final String name;

  private LayerCase(String name) {
    this.name = name;
  }

  /** y in memory that the next forward pass may overwrite. */
  abstract INDArray forward(INDArray x, Pass pass);

  /**
   * @param dy overwritten where the layer does so
   * @param dx overwritten; null where nobody needs it
   */
  abstract void backward(INDArray dy, INDArray dx, Pass pass);

  abstract void parameters(Consumer<Parameter> action);

  abstract boolean requiresGrad();

  /** Whether x is looked at: the embeddings take the ids of the batch instead. */
  boolean hasInput() {
    return true;
  }

  int outFeatures() {
    return WIDTH;
  }

  /** Rows of y for a batch of so many tokens. */
  int outRows(int tokens) {
    return tokens;
  }

  List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    parameters(all::add);
    return all;
  }

  @Override
  public String toString() {
    return name;
  }

  static List<LayerCase> all() {
    List<LayerCase> all = new ArrayList<>(List.of(conv1d(), layerNorm(), embeddings()));
    all.add(attention());
    for (Activation f : Activation.values()) {
      all.add(mlp(f));
    }
    all.add(block(null));
    all.add(block(new int[] {1, 2, 4}));
    return all;
  }

  private static Parameter parameter(String name, long... shape) {
    return new Parameter(name, WEIGHTS.get(name, shape));
  }

  private static Conv1D conv1d(String name, int in, int out) {
    return new Conv1D(name, parameter(name + ".weight", in, out), parameter(name + ".bias", out));
  }

  private static LayerNorm layerNorm(String name) {
    return new LayerNorm(
        name, parameter(name + ".weight", WIDTH), parameter(name + ".bias", WIDTH), 1e-3);
  }

  private static SelfAttention attention(String name) {
    Conv1D cAttn = conv1d(name + ".c_attn", WIDTH, 3 * WIDTH);
    Conv1D cProj = conv1d(name + ".c_proj", WIDTH, WIDTH);
    return new SelfAttention(name, cAttn, cProj, HEADS, 0.7, DROPOUT);
  }

  private static Mlp mlp(String name, Activation f) {
    Conv1D cFc = conv1d(name + ".c_fc", WIDTH, INNER);
    return new Mlp(name, cFc, conv1d(name + ".c_proj", INNER, WIDTH), f);
  }

  private static LayerCase conv1d() {
    Conv1D layer = conv1d("conv", WIDTH, INNER);
    return new LayerCase("Conv1D") {
      @Override
      INDArray forward(INDArray x, Pass pass) {
        INDArray y = Nd4j.valueArrayOf(new long[] {x.size(0), INNER}, Double.NaN, DataType.DOUBLE);
        layer.forward(x, y, pass);
        return y;
      }

      @Override
      void backward(INDArray dy, INDArray dx, Pass pass) {
        layer.backward(dy, dx, pass);
      }

      @Override
      void parameters(Consumer<Parameter> action) {
        layer.parameters(action);
      }

      @Override
      boolean requiresGrad() {
        return layer.requiresGrad();
      }

      @Override
      int outFeatures() {
        return INNER;
      }
    };
  }

  private static LayerCase layerNorm() {
    LayerNorm layer = layerNorm("ln_1");
    return new LayerCase("LayerNorm") {
      @Override
      INDArray forward(INDArray x, Pass pass) {
        return layer.forward(x, true, pass);
      }

      @Override
      void backward(INDArray dy, INDArray dx, Pass pass) {
        if (dx == null) {
          layer.backward(dy, null, pass);
        } else { // this layer adds to dx
          layer.backward(dy, dx.assign(2), pass);
          dx.subi(2);
        }
      }

      @Override
      void parameters(Consumer<Parameter> action) {
        layer.parameters(action);
      }

      @Override
      boolean requiresGrad() {
        return layer.requiresGrad();
      }
    };
  }

  private static LayerCase embeddings() {
    Parameter wte = parameter("wte.weight", VOCAB, WIDTH);
    Embeddings layer = new Embeddings(wte, parameter("wpe.weight", POSITIONS, WIDTH), DROPOUT);
    return new LayerCase("Embeddings") {
      @Override
      INDArray forward(INDArray x, Pass pass) {
        return layer.forward(pass);
      }

      @Override
      void backward(INDArray dy, INDArray dx, Pass pass) {
        layer.backward(dy, pass);
      }

      @Override
      void parameters(Consumer<Parameter> action) {
        layer.parameters(action);
      }

      @Override
      boolean requiresGrad() {
        return layer.requiresGrad();
      }

      @Override
      boolean hasInput() {
        return false;
      }
    };
  }

  private static LayerCase attention() {
    SelfAttention layer = attention("attn");
    return new LayerCase("SelfAttention") {
      @Override
      INDArray forward(INDArray x, Pass pass) {
        return layer.forward(x, null, pass);
      }

      @Override
      void backward(INDArray dy, INDArray dx, Pass pass) {
        layer.backward(dy, dx, pass);
      }

      @Override
      void parameters(Consumer<Parameter> action) {
        layer.parameters(action);
      }

      @Override
      boolean requiresGrad() {
        return layer.requiresGrad();
      }
    };
  }

  private static LayerCase mlp(Activation f) {
    Mlp layer = mlp("mlp", f);
    return new LayerCase("Mlp " + f) {
      @Override
      INDArray forward(INDArray x, Pass pass) {
        return layer.forward(x, pass);
      }

      @Override
      void backward(INDArray dy, INDArray dx, Pass pass) {
        layer.backward(dy, dx, pass);
      }

      @Override
      void parameters(Consumer<Parameter> action) {
        layer.parameters(action);
      }

      @Override
      boolean requiresGrad() {
        return layer.requiresGrad();
      }
    };
  }

  /**
   * @param rows the tokens that go on from the attention; null for all
   */
  private static LayerCase block(int[] rows) {
    Block layer =
        new Block(
            "h.0",
            layerNorm("h.0.ln_1"),
            attention("h.0.attn"),
            layerNorm("h.0.ln_2"),
            mlp("h.0.mlp", Activation.GELU_TANH),
            DROPOUT);
    return new LayerCase(rows == null ? "Block" : "Block, some rows") {
      @Override
      INDArray forward(INDArray x, Pass pass) {
        return layer.forward(x, rows, pass);
      }

      @Override
      void backward(INDArray dy, INDArray dx, Pass pass) {
        INDArray result = layer.backward(dy, dx != null, pass);
        if (dx != null) {
          dx.assign(result);
        }
      }

      @Override
      int outRows(int tokens) {
        return rows == null ? tokens : rows.length;
      }

      @Override
      void parameters(Consumer<Parameter> action) {
        layer.parameters(action);
      }

      @Override
      boolean requiresGrad() {
        return layer.requiresGrad();
      }
    };
  }
}
