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
  private int[] rows;

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
    return forward(x, null, pass);
  }

  /**
   * As above, but only some tokens go on from the attention, which looks at all: to [R,C].
   *
   * @param rows the R tokens; null for all
   */
  public INDArray forward(INDArray x, int[] rows, Pass pass) {
    this.rows = rows;
    long c = x.size(1);
    double p = pass.dropout(dropout);
    INDArray norm1 = ln1.forward(x, attn.cAttn().needsInput(pass), pass);
    INDArray branch = attn.forward(norm1, rows, pass);
    INDArray mid = pass.saved(name, "mid", branch.size(0), c);
    INDArray residual = x;
    if (rows != null) {
      pass.kernels().gatherRows(x, rows, mid);
      residual = mid;
    }
    pass.kernels().addDropout(residual, branch, p, pass.dropoutKey(name + ".attn.resid"), mid);
    INDArray out = pass.saved(name, "out", mid.size(0), c);
    branch = mlp.forward(ln2.forward(mid, mlp.cFc().needsInput(pass), pass), pass);
    pass.kernels().addDropout(mid, branch, p, pass.dropoutKey(name + ".mlp.resid"), out);
    return out;
  }

  /**
   * Returns the gradient by the input [T,C]; what it holds where nobody needs it is undefined.
   *
   * @param d [R,C], the gradient by the output; overwritten
   * @param needInput whether anybody below needs the gradient by the input
   */
  public INDArray backward(INDArray d, boolean needInput, Pass pass) {
    long c = d.size(1);
    INDArray dNorm2 = pass.scratch("dNorm", d.size(0), c);
    boolean needNorm1 = needInput || ln1.requiresGrad();
    boolean needMid = needNorm1 || attn.requiresGrad();
    boolean needNorm2 = needMid || ln2.requiresGrad();
    mlp.backward(branchGradient(d, ".mlp.resid", pass), needNorm2 ? dNorm2 : null, pass);
    if (needNorm2) {
      ln2.backward(dNorm2, needMid ? d : null, pass);
    }
    if (!needMid) {
      return d;
    }
    INDArray dNorm1 = needNorm1 ? pass.scratch("dNorm", pass.tokens(), c) : null;
    attn.backward(branchGradient(d, ".attn.resid", pass), dNorm1, pass);
    INDArray dx = needInput && rows != null ? pass.scatterRows(d, rows) : d;
    if (needNorm1) {
      ln1.backward(dNorm1, needInput ? dx : null, pass);
    }
    return dx;
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
