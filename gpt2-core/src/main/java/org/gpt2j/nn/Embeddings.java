package org.gpt2j.nn;

import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Token plus position embeddings, then dropout: [T] ids to [T,C]. */
public final class Embeddings {
  private static final String PLACE = "drop";
  private final Parameter wte;
  private final Parameter wpe;
  private final double dropout;

  /**
   * @param wte token table [V,C]
   * @param wpe position table [P,C]
   * @param dropout probability (embd_pdrop)
   */
  public Embeddings(Parameter wte, Parameter wpe, double dropout) {
    this.wte = wte;
    this.wpe = wpe;
    this.dropout = dropout;
  }

  public Parameter wte() {
    return wte;
  }

  public Parameter wpe() {
    return wpe;
  }

  public INDArray forward(Pass pass) {
    PackedBatch batch = pass.batch();
    check(batch.ids(), wte.value().size(0), "token id", "vocab_size");
    check(batch.positions(), wpe.value().size(0), "position", "n_positions");
    INDArray y = pass.saved("embeddings", "out", batch.tokens(), wte.value().size(1));
    pass.kernels().embedding(batch.ids(), batch.positions(), wte.value(), wpe.value(), y);
    double p = pass.dropout(dropout);
    if (p > 0) {
      pass.kernels().dropout(y, p, pass.dropoutKey(PLACE), y);
    }
    return y;
  }

  private static void check(int[] values, long limit, String what, String key) {
    for (int v : values) {
      if (v < 0 || v >= limit) {
        throw new IllegalArgumentException(
            what + " " + v + " is outside the model's range: " + key + " is " + limit);
      }
    }
  }

  /** Adds the tables' gradients; d [T,C], the gradient by the output, is overwritten. */
  public void backward(INDArray d, Pass pass) {
    double p = pass.dropout(dropout);
    if (p > 0) {
      pass.kernels().dropout(d, p, pass.dropoutKey(PLACE), d);
    }
    if (wte.requiresGrad()) {
      pass.kernels().embeddingBackward(d, pass.batch().ids(), wte.gradient());
    }
    if (wpe.requiresGrad()) {
      pass.kernels().embeddingBackward(d, pass.batch().positions(), wpe.gradient());
    }
  }

  public boolean requiresGrad() {
    return wte.requiresGrad() || wpe.requiresGrad();
  }

  public void parameters(Consumer<Parameter> action) {
    action.accept(wte);
    action.accept(wpe);
  }
}
