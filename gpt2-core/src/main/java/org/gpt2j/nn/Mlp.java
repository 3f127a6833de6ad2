package org.gpt2j.nn;

import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The feed-forward branch: c_proj(f(c_fc(x))), [T,C] by way of [T,n_inner]. */
public final class Mlp {
  private final String name;
  private final Activation activation;
  private Projection cFc;
  private Projection cProj;
  private INDArray hidden;

  public Mlp(String name, Projection cFc, Projection cProj, Activation activation) {
    this.name = name;
    this.cFc = cFc;
    this.cProj = cProj;
    this.activation = activation;
  }

  public Projection cFc() {
    return cFc;
  }

  public void setCFc(Projection cFc) {
    this.cFc = cFc;
  }

  public Projection cProj() {
    return cProj;
  }

  public void setCProj(Projection cProj) {
    this.cProj = cProj;
  }

  /** x [T,C] to [T,C], in scratch memory. */
  public INDArray forward(INDArray x, Pass pass) {
    long t = x.size(0);
    hidden = pass.saved(name, "hidden", t, cFc.outFeatures());
    cFc.forward(x, hidden, pass);
    INDArray active =
        cProj.needsInput(pass)
            ? pass.saved(name, "active", t, cFc.outFeatures())
            : pass.scratch("active", t, cFc.outFeatures());
    pass.kernels().activation(activation, hidden, active);
    INDArray y = pass.scratch("branch", t, cProj.outFeatures());
    cProj.forward(active, y, pass);
    return y;
  }

  /**
   * @param dy [T,C]
   * @param dx [T,C], overwritten; null where nobody needs it
   */
  public void backward(INDArray dy, INDArray dx, Pass pass) {
    if (dx == null && !cFc.requiresGrad()) {
      cProj.backward(dy, null, pass);
      return;
    }
    INDArray dHidden = pass.scratch("dHidden", dy.size(0), cFc.outFeatures());
    cProj.backward(dy, dHidden, pass);
    pass.kernels().activationBackward(activation, hidden, dHidden, dHidden);
    cFc.backward(dHidden, dx, pass);
  }

  public boolean requiresGrad() {
    return cFc.requiresGrad() || cProj.requiresGrad();
  }

  public void parameters(Consumer<Parameter> action) {
    cFc.parameters(action);
    cProj.parameters(action);
  }
}
