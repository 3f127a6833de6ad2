package org.gpt2j.nn;

import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Causal multi-head self-attention of GPT-2: c_attn makes q | k | v, {@link Kernels#attention}
 * mixes the values of each sequence, c_proj maps the heads' outputs back.
 */
public final class SelfAttention {
  private final String name;
  private final int nHead;
  private final double scale;
  private final double dropout;
  private Projection cAttn;
  private Projection cProj;
  private INDArray qkv;
  private INDArray context;
  private INDArray lse;
  private int[] rows;

  /**
   * @param scale factor of q k^T, usually 1/sqrt(head size)
   * @param dropout probability (attn_pdrop) for the attention weights
   */
  public SelfAttention(
      String name, Projection cAttn, Projection cProj, int nHead, double scale, double dropout) {
    this.name = name;
    this.cAttn = cAttn;
    this.cProj = cProj;
    this.nHead = nHead;
    this.scale = scale;
    this.dropout = dropout;
  }

  public Projection cAttn() {
    return cAttn;
  }

  public void setCAttn(Projection cAttn) {
    this.cAttn = cAttn;
  }

  public Projection cProj() {
    return cProj;
  }

  public void setCProj(Projection cProj) {
    this.cProj = cProj;
  }

  /**
   * x [T,C] to [R,C], in scratch memory.
   *
   * @param rows the R tokens whose output is wanted; null for all
   */
  public INDArray forward(INDArray x, int[] rows, Pass pass) {
    this.rows = rows;
    long t = x.size(0);
    long c = x.size(1);
    qkv = pass.saved(name, "qkv", t, 3 * c);
    cAttn.forward(x, qkv, pass);
    context = pass.saved(name, "context", t, c);
    attend(pass);
    INDArray mixed = context;
    if (rows != null) {
      mixed = pass.saved(name, "contextRows", rows.length, c);
      pass.kernels().gatherRows(context, rows, mixed);
    }
    INDArray y = pass.scratch("branch", mixed.size(0), c);
    cProj.forward(mixed, y, pass);
    return y;
  }

  /** context = the mixed values, of the batch's own tokens or of those in the cache. */
  private void attend(Pass pass) {
    Kernels kernels = pass.kernels();
    PackedBatch batch = pass.batch();
    KeyValueCache cache = pass.cache();
    if (cache != null) {
      cache.append(name, pass.cacheSequences(), qkv, batch, kernels);
      if (batch.positions()[0] > 0) {
        cache.attention(name, pass.cacheSequences(), qkv, scale, context, kernels);
        return;
      }
    }
    lse = pass.saved(name, "lse", qkv.size(0), nHead);
    kernels.attention(
        qkv,
        batch.starts(),
        nHead,
        scale,
        pass.dropout(dropout),
        pass.dropoutKey(name),
        context,
        lse);
  }

  /**
   * @param dy [R,C]
   * @param dx [T,C], overwritten; null where nobody needs it
   */
  public void backward(INDArray dy, INDArray dx, Pass pass) {
    long t = qkv.size(0);
    long c = dy.size(1);
    if (dx == null && !cAttn.requiresGrad()) {
      cProj.backward(dy, null, pass);
      return;
    }
    INDArray dContext = pass.scratch("dContext", dy.size(0), c);
    cProj.backward(dy, dContext, pass);
    if (rows != null) {
      dContext = pass.scatterRows(dContext, rows);
    }
    INDArray dQkv = pass.scratch("dQkv", t, 3 * c);
    pass.kernels()
        .attentionBackward(
            dContext,
            qkv,
            pass.batch().starts(),
            nHead,
            scale,
            pass.dropout(dropout),
            pass.dropoutKey(name),
            context,
            lse,
            dQkv);
    cAttn.backward(dQkv, dx, pass);
  }

  public boolean requiresGrad() {
    return cAttn.requiresGrad() || cProj.requiresGrad();
  }

  public void parameters(Consumer<Parameter> action) {
    cAttn.parameters(action);
    cProj.parameters(action);
  }
}
