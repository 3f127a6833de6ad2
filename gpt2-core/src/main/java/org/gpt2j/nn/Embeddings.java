package org.gpt2j.nn;

import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Token plus position embeddings, then dropout: [T] ids to [T,C]. The token table may be rounded to
 * 8 bits, for inference only.
 */
public final class Embeddings {
  private static final String PLACE = "drop";
  private Parameter wte;
  private Int8Matrix int8Wte;
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
    if (wte == null) {
      throw new IllegalStateException("wte.weight was rounded to 8 bits");
    }
    return wte;
  }

  /** The token table [C,V] in 8 bits; null while it is in floats. */
  public Int8Matrix int8Wte() {
    return int8Wte;
  }

  /** Rounds the token table to 8 bits, with a scale for each token, and lets go of the floats. */
  public void toInt8() {
    int8Wte = Int8Matrix.ofTransposed(wte().value());
    wte.value().close();
    wte = null;
  }

  public Parameter wpe() {
    return wpe;
  }

  public INDArray forward(Pass pass) {
    PackedBatch batch = pass.batch();
    long vocabSize = wte != null ? wte.value().size(0) : int8Wte.columns();
    check(batch.ids(), vocabSize, "token id", "vocab_size");
    check(batch.positions(), wpe.value().size(0), "position", "n_positions");
    INDArray y = pass.saved("embeddings", "out", batch.tokens(), wpe.value().size(1));
    if (wte != null) {
      pass.kernels().embedding(batch.ids(), batch.positions(), wte.value(), wpe.value(), y);
    } else {
      pass.kernels().int8Embedding(batch.ids(), batch.positions(), int8Wte, wpe.value(), y);
    }
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
    if (wte().requiresGrad()) {
      pass.kernels().embeddingBackward(d, pass.batch().ids(), wte.gradient());
    }
    if (wpe.requiresGrad()) {
      pass.kernels().embeddingBackward(d, pass.batch().positions(), wpe.gradient());
    }
  }

  public boolean requiresGrad() {
    return (wte != null && wte.requiresGrad()) || wpe.requiresGrad();
  }

  public void parameters(Consumer<Parameter> action) {
    if (wte != null) {
      action.accept(wte);
    }
    action.accept(wpe);
  }
}
