package org.gpt2j.nn;

import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One pre-norm transformer block: mid = x + drop(attn(ln_1(x))); out = mid + drop(mlp(ln_2(mid))).
 */
public final class Block {
  private final String name;
  private final LayerNorm ln1;
  private final SelfAttention attn;
  private final LayerNorm ln2;
  private final Mlp mlp;
  private final double dropout;

  /**
   * @param dropout probability (resid_pdrop) for the two branches
   */
  public Block(
      String name, LayerNorm ln1, SelfAttention attn, LayerNorm ln2, Mlp mlp, double dropout) {
    this.name = name;
    this.ln1 = ln1;
    this.attn = attn;
    this.ln2 = ln2;
    this.mlp = mlp;
    this.dropout = dropout;
  }

  public SelfAttention attn() {
    return attn;
  }

  public Mlp mlp() {
    return mlp;
  }

  /** x [T,C] to [T,C]; x must stay as it is until the backward pass. */
  public INDArray forward(INDArray x, Pass pass) {
    long t = x.size(0);
    long c = x.size(1);
    double p = pass.dropout(dropout);
    INDArray mid = pass.saved(name, "mid", t, c);
    INDArray branch = attn.forward(ln1.forward(x, pass), pass);
    pass.kernels().addDropout(x, branch, p, pass.dropoutKey(name + ".attn.resid"), mid);
    INDArray out = pass.saved(name, "out", t, c);
    branch = mlp.forward(ln2.forward(mid, pass), pass);
    pass.kernels().addDropout(mid, branch, p, pass.dropoutKey(name + ".mlp.resid"), out);
    return out;
  }

  /**
   * @param d [T,C], the gradient by the output, turned into the one by the input
   * @param needInput whether anybody below needs the gradient by the input
   */
  public void backward(INDArray d, boolean needInput, Pass pass) {
    INDArray dNorm = pass.scratch("dNorm", d.size(0), d.size(1));
    boolean needNorm1 = needInput || ln1.requiresGrad();
    boolean needMid = needNorm1 || attn.requiresGrad();
    boolean needNorm2 = needMid || ln2.requiresGrad();
    mlp.backward(branchGradient(d, ".mlp.resid", pass), needNorm2 ? dNorm : null, pass);
    if (needNorm2) {
      ln2.backward(dNorm, needMid ? d : null, pass);
    }
    if (needMid) {
      attn.backward(branchGradient(d, ".attn.resid", pass), needNorm1 ? dNorm : null, pass);
    }
    if (needNorm1) {
      ln1.backward(dNorm, needInput ? d : null, pass);
    }
  }

  private INDArray branchGradient(INDArray d, String place, Pass pass) {
    double p = pass.dropout(dropout);
    if (p == 0) {
      return d;
    }
    INDArray dBranch = pass.scratch("dBranch", d.size(0), d.size(1));
    pass.kernels().dropout(d, p, pass.dropoutKey(name + place), dBranch);
    return dBranch;
  }

  public boolean requiresGrad() {
    return ln1.requiresGrad() || attn.requiresGrad() || ln2.requiresGrad() || mlp.requiresGrad();
  }

  public void parameters(Consumer<Parameter> action) {
    ln1.parameters(action);
    attn.parameters(action);
    ln2.parameters(action);
    mlp.parameters(action);
  }
}
