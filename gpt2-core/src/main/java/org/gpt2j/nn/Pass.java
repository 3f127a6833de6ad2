package org.gpt2j.nn;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One trip of a batch through the network: on which kernels and memory, whether a backward pass
 * will follow, and which dropout masks are drawn.
 */
public final class Pass {
  private final Kernels kernels;
  private final Workspace workspace;
  private final PackedBatch batch;
  private final boolean keep;
  private final boolean training;
  private final long dropoutKey;
  private final KeyValueCache cache;
  private final int[] cacheSequences;

  private Pass(
      Kernels kernels,
      Workspace workspace,
      PackedBatch batch,
      boolean keep,
      boolean training,
      long dropoutKey,
      KeyValueCache cache,
      int[] cacheSequences) {
    this.kernels = kernels;
    this.workspace = workspace;
    this.batch = batch;
    this.keep = keep;
    this.training = training;
    this.dropoutKey = dropoutKey;
    this.cache = cache;
    this.cacheSequences = cacheSequences;
  }

  /** Forward only: activations of all layers share memory. */
  public static Pass inference(Kernels kernels, Workspace workspace, PackedBatch batch) {
    return new Pass(kernels, workspace, batch, false, false, 0, null, null);
  }

  /**
   * Forward only, keys and values kept in a cache. A batch of whole sequences starts them; one of a
   * token each goes on with what the cache has.
   *
   * @param cacheSequences the cache's number of each sequence of the batch
   */
  public static Pass generation(
      Kernels kernels,
      Workspace workspace,
      PackedBatch batch,
      KeyValueCache cache,
      int[] cacheSequences) {
    return new Pass(kernels, workspace, batch, false, false, 0, cache, cacheSequences);
  }

  /** Forward without dropout, then backward. */
  public static Pass gradients(Kernels kernels, Workspace workspace, PackedBatch batch) {
    return new Pass(kernels, workspace, batch, true, false, 0, null, null);
  }

  /**
   * Forward with dropout, then backward.
   *
   * @param dropoutKey names the masks: the same key gives the same masks
   */
  public static Pass training(
      Kernels kernels, Workspace workspace, PackedBatch batch, long dropoutKey) {
    return new Pass(kernels, workspace, batch, true, true, dropoutKey, null, null);
  }

  public Kernels kernels() {
    return kernels;
  }

  public PackedBatch batch() {
    return batch;
  }

  /** Where keys and values are kept; null where they are not. */
  public KeyValueCache cache() {
    return cache;
  }

  /** The cache's number of each sequence of the batch. */
  public int[] cacheSequences() {
    return cacheSequences;
  }

  public int tokens() {
    return batch.tokens();
  }

  /** Whether activations are kept for a backward pass. */
  public boolean keep() {
    return keep;
  }

  /** The probability that dropout uses in this pass: p when training, else 0. */
  public double dropout(double p) {
    return training ? p : 0;
  }

  /** The key of the mask at one place of the network. */
  public long dropoutKey(String place) {
    return CounterRandom.key(dropoutKey, place.hashCode());
  }

  /** Memory of a layer that its backward pass reads; shared by all layers if none follows. */
  public INDArray saved(String layer, String what, long rows, long columns) {
    return workspace.matrix(keep ? layer + '/' + what : what, rows, columns);
  }

  /** As {@link #saved(String, String, long, long)}, a vector. */
  public INDArray saved(String layer, String what, long n) {
    return workspace.vector(keep ? layer + '/' + what : what, n);
  }

  /** d's rows at the given places of [T,C], zeros elsewhere, in scratch memory. */
  public INDArray scatterRows(INDArray d, int[] rows) {
    INDArray all = scratch("scattered", tokens(), d.size(1)).assign(0);
    kernels.embeddingBackward(d, rows, all);
    return all;
  }

  /** Memory that any later layer may overwrite. */
  public INDArray scratch(String what, long rows, long columns) {
    return workspace.matrix("scratch/" + what, rows, columns);
  }
}
