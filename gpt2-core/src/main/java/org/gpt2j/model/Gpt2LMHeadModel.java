package org.gpt2j.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.gpt2j.nn.Int8Matrix;
import org.gpt2j.nn.Kernels;
import org.gpt2j.nn.KeyValueCache;
import org.gpt2j.nn.Labels;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.nn.Pass;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * GPT-2 as a causal language model: logits [T,V] = ln_f(h) [T,C] W^T, W being wte.weight (tied) or
 * lm_head.weight [V,C]. Labels: for each token the id to predict after it, or {@link
 * Kernels#IGNORE_INDEX}; {@link #nextTokenLabels} makes them.
 */
public final class Gpt2LMHeadModel extends Gpt2PreTrainedModel {
  /** Logits held at once: 64 MiB of them, 333 rows of GPT-2's vocabulary. */
  private static final int MAX_LOGITS = 16 << 20;

  private Parameter lmHead;
  private Int8Matrix int8Head;
  private KeyValueCache cache;

  public Gpt2LMHeadModel(Gpt2Config config, WeightSource weights) throws IOException {
    super(config, new Gpt2Model(config, weights));
    String name = headName() + ".weight";
    lmHead =
        config.tieWordEmbeddings()
            ? null
            : new Parameter(name, weights.get(name, config.vocabSize(), config.nEmbd()));
    unfreeze();
  }

  /**
   * Loads config.json and model.safetensors, or the shards that model.safetensors.index.json names.
   *
   * @throws IOException naming the file, if one is missing, cannot be read or does not fit
   */
  public static Gpt2LMHeadModel fromPretrained(Path dir) throws IOException {
    return Checkpoint.read(
        dir, checkpoint -> new Gpt2LMHeadModel(checkpoint.languageModelConfig(), checkpoint));
  }

  /**
   * Loads a language model that is built from a checkpoint.
   *
   * @param dir with config.json and model.safetensors
   * @param network what becomes of them
   * @throws IOException naming the file, if it cannot be read or does not fit
   */
  public static Gpt2LMHeadModel fromPretrained(Path dir, DerivedNetwork network)
      throws IOException {
    return Checkpoint.read(
        dir,
        checkpoint -> {
          Gpt2Config own = checkpoint.languageModelConfig();
          return new Gpt2LMHeadModel(network.config(own), network.weights(own, checkpoint));
        });
  }

  @Override
  public String architecture() {
    return "GPT2LMHeadModel";
  }

  @Override
  public String headName() {
    return "lm_head";
  }

  @Override
  void headParameters(Consumer<Parameter> action) {
    if (lmHead != null) {
      action.accept(lmHead);
    }
  }

  @Override
  public void toInt8() {
    super.toInt8();
    if (lmHead != null) {
      int8Head = Int8Matrix.ofTransposed(lmHead.value());
      lmHead.value().close();
      lmHead = null;
    } else if (int8Head == null) {
      int8Head = transformer().embeddings().int8Wte();
    }
  }

  private Parameter head() {
    return lmHead != null ? lmHead : transformer().embeddings().wte();
  }

  /** The id that follows each token in its sequence; the last of each is ignored. */
  public static int[] nextTokenLabels(PackedBatch batch) {
    int[] labels = new int[batch.tokens()];
    System.arraycopy(batch.ids(), 1, labels, 0, labels.length - 1);
    for (int s = 1; s <= batch.sequences(); s++) {
      labels[batch.starts()[s] - 1] = Kernels.IGNORE_INDEX;
    }
    return labels;
  }

  /** Logits [T,V] of all tokens in memory of the caller's. */
  public INDArray forward(PackedBatch batch) {
    return forward(batch, null);
  }

  /** Logits [rows.length,V] of some tokens, named by their rows in the batch; null for all. */
  public INDArray forward(PackedBatch batch, int[] rows) {
    Pass pass = inferencePass(batch);
    return logits(norm(rows, pass), pass).dup('c');
  }

  /** As below, without a listener. */
  public List<int[]> generate(List<int[]> prompts, GenerationConfig config) {
    return generate(prompts, config, (sequence, token) -> true);
  }

  /**
   * Goes on with some prompts, of any lengths, all at once; each ends on its own: with an end token
   * (which is part of the result), after max_new_tokens, where it comes to max_length or fills
   * n_positions, or where the listener says so.
   *
   * @return the new tokens of each prompt
   * @throws IllegalArgumentException if a prompt is empty, leaves no room for a token, or has an id
   *     that the vocabulary has not
   * @throws ArithmeticException if the logits are not finite
   */
  public List<int[]> generate(
      List<int[]> prompts, GenerationConfig config, GenerationListener listener) {
    if (cache == null) {
      DataType type = transformer().embeddings().wpe().value().dataType();
      cache = new KeyValueCache(type, config().nEmbd(), config().nHead());
    }
    return new Generation(this, prompts, config, listener, cache).run();
  }

  /** Receives the logits [V] after one sequence of a batch, in memory that is used again. */
  @FunctionalInterface
  interface LogitsConsumer {
    void accept(int sequence, float[] logits);
  }

  /** Reads a batch into a cache and gives the logits after the last token of each sequence. */
  void lastLogits(
      PackedBatch batch, KeyValueCache cache, int[] cacheSequences, LogitsConsumer consumer) {
    int n = batch.sequences();
    // Of sequences of one token each, as all are but at the start, every row is a last one.
    int[] rows =
        batch.tokens() == n
            ? null
            : Arrays.stream(batch.starts()).skip(1).map(end -> end - 1).toArray();
    Pass pass = generationPass(batch, cache, cacheSequences);
    INDArray norm = norm(rows, pass);
    float[] values = new float[config().vocabSize()];
    for (int from = 0; from < n; from += chunkRows()) {
      int[] chunk = chunk(n, from);
      INDArray logits = logits(gather(norm, chunk, pass), pass);
      for (int i = 0; i < chunk.length; i++) {
        copyRow(logits, i, values);
        consumer.accept(chunk[i], values);
      }
    }
  }

  private static void copyRow(INDArray logits, int row, float[] to) {
    if (logits.dataType() == DataType.FLOAT) {
      logits.data().asNioFloat().get(row * to.length, to);
      return;
    }
    for (int i = 0; i < to.length; i++) {
      to[i] = logits.getFloat(row, i);
    }
  }

  /** Mean loss without gradients, in nats. */
  public double loss(PackedBatch batch, int[] labels) {
    Pass pass = inferencePass(batch);
    int[] rows = labelled(labels, batch);
    INDArray norm = norm(rows, pass);
    double sum = 0;
    for (int from = 0; from < rows.length; from += chunkRows()) {
      int[] chunk = chunk(rows.length, from);
      INDArray logits = logits(gather(norm, chunk, pass), pass);
      sum += pass.kernels().crossEntropy(logits, targets(labels, rows, chunk), 1, null);
    }
    return sum / rows.length;
  }

  @Override
  public double forwardBackward(Labels nextTokens, double lossScale, Pass pass) {
    transformer().requireTrainable();
    int[] labels = nextTokens.ids();
    int[] rows = labelled(labels, pass.batch());
    int c = config().nEmbd();
    INDArray norm = norm(rows, pass);
    boolean needTrunk = transformer().requiresGrad();
    boolean needNorm = needTrunk || transformer().lnF().requiresGrad();
    INDArray dNorm = needNorm ? pass.scratch("dHeadNorm", rows.length, c).assign(0) : null;
    double sum = 0;
    for (int from = 0; from < rows.length; from += chunkRows()) {
      int[] chunk = chunk(rows.length, from);
      INDArray x = gather(norm, chunk, pass);
      INDArray logits = logits(x, pass);
      sum +=
          pass.kernels()
              .crossEntropy(logits, targets(labels, rows, chunk), lossScale / rows.length, logits);
      if (head().requiresGrad()) {
        pass.kernels().gemm(true, logits, false, x, 1, 1, head().gradient());
      }
      if (needNorm) {
        INDArray dx = pass.scratch("dHeadChunk", chunk.length, c);
        pass.kernels().gemm(false, logits, false, head().value(), 1, 0, dx);
        pass.kernels().embeddingBackward(dx, chunk, dNorm);
      }
    }
    if (needNorm) {
      INDArray dRows = needTrunk ? pass.scratch("dHeadRows", rows.length, c).assign(0) : null;
      transformer().lnF().backward(dNorm, dRows, pass);
      if (needTrunk) {
        transformer().backward(dRows, pass);
      }
    }
    return sum / rows.length;
  }

  /** ln_f of the given rows only: nobody asks for the others. */
  private INDArray norm(int[] rows, Pass pass) {
    return transformer().lnF().forward(transformer().forward(pass, rows), true, pass);
  }

  private INDArray logits(INDArray norm, Pass pass) {
    INDArray logits = pass.scratch("logits", norm.size(0), config().vocabSize());
    if (int8Head != null) {
      pass.kernels().int8Linear(norm, int8Head, null, logits);
    } else {
      pass.kernels().gemm(false, norm, true, head().value(), 1, 0, logits);
    }
    return logits;
  }

  private static INDArray gather(INDArray norm, int[] rows, Pass pass) {
    INDArray chunk = pass.scratch("headChunk", rows.length, norm.size(1));
    pass.kernels().gatherRows(norm, rows, chunk);
    return chunk;
  }

  private int chunkRows() {
    return Math.max(1, MAX_LOGITS / config().vocabSize());
  }

  private int[] chunk(int length, int from) {
    int[] rows = new int[Math.min(chunkRows(), length - from)];
    Arrays.setAll(rows, i -> from + i);
    return rows;
  }

  private static int[] targets(int[] labels, int[] rows, int[] chunk) {
    return Arrays.stream(chunk).map(i -> labels[rows[i]]).toArray();
  }

  private int[] labelled(int[] labels, PackedBatch batch) {
    if (labels.length != batch.tokens()) {
      throw new IllegalArgumentException(
          "labels: expected one for each of " + batch.tokens() + " tokens, found " + labels.length);
    }
    int[] rows = new int[labels.length];
    int n = 0;
    for (int t = 0; t < labels.length; t++) {
      if (labels[t] == Kernels.IGNORE_INDEX) {
        continue;
      }
      if (labels[t] < 0 || labels[t] >= config().vocabSize()) {
        throw new IllegalArgumentException(
            "label " + labels[t] + " is outside 0.." + (config().vocabSize() - 1));
      }
      rows[n++] = t;
    }
    if (n == 0) {
      throw new IllegalArgumentException("labels: every token is ignored, nothing to learn from");
    }
    return Arrays.copyOf(rows, n);
  }
}
