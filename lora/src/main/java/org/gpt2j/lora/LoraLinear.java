package org.gpt2j.lora;

import java.util.function.Consumer;
import org.gpt2j.nn.Backend;
import org.gpt2j.nn.Conv1D;
import org.gpt2j.nn.Kernels;
import org.gpt2j.nn.Parameter;
import org.gpt2j.nn.Pass;
import org.gpt2j.nn.Projection;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A Conv1D with a low-rank update beside it.
 *
 * <p>Forward: y [T,out] = base(x) + s (drop(x) A^T) B^T with x [T,in], A [r,in], B [out,r], s the
 * scaling. Backward, with u = drop(x) A^T and v = s dy B, both [T,r]: dB += s dy^T u; dA += v^T
 * drop(x); dx = base's + drop(v A).
 */
final class LoraLinear implements Projection {
  private final Conv1D base;
  private final Parameter loraA;
  private final Parameter loraB;
  private final double scaling;
  private final double dropout;
  private final String place;
  private INDArray original;
  private INDArray dropped;
  private INDArray u;

  LoraLinear(Conv1D base, Parameter loraA, Parameter loraB, double scaling, double dropout) {
    this.base = base;
    this.loraA = loraA;
    this.loraB = loraB;
    this.scaling = scaling;
    this.dropout = dropout;
    this.place = base.name() + ".lora_dropout";
  }

  Conv1D base() {
    return base;
  }

  Parameter loraA() {
    return loraA;
  }

  Parameter loraB() {
    return loraB;
  }

  @Override
  public String name() {
    return base.name();
  }

  @Override
  public int inFeatures() {
    return base.inFeatures();
  }

  @Override
  public int outFeatures() {
    return base.outFeatures();
  }

  boolean merged() {
    return original != null;
  }

  /** Base weight [in,out] += s (B A)^T; the weight before is kept for {@link #unmerge}. */
  void merge() {
    if (!merged()) {
      original = base.weight().value().dup('c');
      addUpdate();
    }
  }

  private void addUpdate() {
    INDArray weight = base.weight().value();
    Kernels kernels = Backend.kernels(weight.dataType());
    kernels.gemm(true, loraA.value(), true, loraB.value(), scaling, 1, weight);
  }

  /** Restores the base weight bit for bit. */
  void unmerge() {
    if (merged()) {
      base.weight().value().assign(original);
      original = null;
    }
  }

  /** Merges, if that is not done yet, without a copy to go back to. */
  Conv1D mergeAndUnload() {
    if (!merged()) {
      addUpdate();
    }
    original = null;
    return base;
  }

  @Override
  public void forward(INDArray x, INDArray y, Pass pass) {
    if (merged()) {
      base.forward(x, y, pass);
      return;
    }
    dropped = drop(x, pass);
    u = pass.saved(name(), "lora_u", x.size(0), loraA.value().size(0));
    pass.kernels().gemm(false, dropped, true, loraA.value(), 1, 0, u);
    pass.kernels().broadcastRow(base.bias().value(), y);
    pass.kernels().gemm(false, u, true, loraB.value(), scaling, 1, y);
    base.addProduct(x, y, pass);
  }

  @Override
  public boolean needsInput(Pass pass) {
    boolean keepsNoCopy = pass.dropout(dropout) == 0;
    return loraA.requiresGrad() && keepsNoCopy || base.needsInput(pass);
  }

  /** drop(x), kept for the backward pass in place of x. */
  private INDArray drop(INDArray x, Pass pass) {
    double p = pass.dropout(dropout);
    if (p == 0) {
      return x;
    }
    INDArray result = pass.saved(name(), "lora_x", x.size(0), x.size(1));
    pass.kernels().dropout(x, p, pass.dropoutKey(place), result);
    return result;
  }

  @Override
  public void backward(INDArray dy, INDArray dx, Pass pass) {
    if (merged()) {
      throw new IllegalStateException(
          name() + ": merged adapters cannot be trained; unmerge first");
    }
    Kernels kernels = pass.kernels();
    INDArray v = pass.scratch("lora_v", u.size(0), u.size(1));
    kernels.gemm(false, dy, false, loraB.value(), scaling, 0, v);
    if (loraB.requiresGrad()) {
      kernels.gemm(true, dy, false, u, scaling, 1, loraB.gradient());
    }
    if (loraA.requiresGrad()) {
      kernels.gemm(true, v, false, dropped, 1, 1, loraA.gradient());
    }
    if (dx != null) {
      kernels.gemm(false, v, false, loraA.value(), 1, 0, dx);
      double p = pass.dropout(dropout);
      if (p > 0) {
        kernels.dropout(dx, p, pass.dropoutKey(place), dx);
      }
    }
    base.addBackward(dy, dx, pass);
  }

  @Override
  public void parameters(Consumer<Parameter> action) {
    base.parameters(action);
    action.accept(loraA);
    action.accept(loraB);
  }
}
