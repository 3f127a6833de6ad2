package org.gpt2j.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.gpt2j.nn.Labels;
import org.gpt2j.nn.Loss;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.nn.Pass;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * GPT-2 with a linear head on one token of each sequence: the last whose id is not pad_token_id, as
 * in transformers. logits [B,num_labels] = ln_f(h) [B,C] score^T [C,num_labels], no bias.
 *
 * <p>Labels are by the {@link ProblemType}: one class index a sequence; or for each sequence a
 * number for each class, 1 where it holds and else 0; or the num_labels numbers of a regression.
 */
public final class Gpt2ForSequenceClassification extends Gpt2PreTrainedModel {
  private final Parameter score;
  private Loss loss;
  private INDArray pooledNorm;

  public Gpt2ForSequenceClassification(Gpt2Config config, WeightSource weights) throws IOException {
    super(check(config), new Gpt2Model(config, weights));
    String name = headName() + ".weight";
    score = new Parameter(name, weights.get(name, config.numLabels(), config.nEmbd()));
    loss = ProblemType.ofLoss(config).newLoss();
    unfreeze();
  }

  /** One class of one is no question; transformers refuses it, too. */
  private static Gpt2Config check(Gpt2Config config) {
    ProblemType type = ProblemType.ofLoss(config);
    if (type == ProblemType.SINGLE_LABEL_CLASSIFICATION && config.numLabels() < 2) {
      throw new IllegalArgumentException(
          "problem_type: expected regression or multi_label_classification of one label, found "
              + type);
    }
    ConfigLabels.requireDistinct(config.id2label());
    return config;
  }

  /** Loads a fine-tuned classifier: config.json and model.safetensors with `score.weight`. */
  public static Gpt2ForSequenceClassification fromPretrained(Path dir) throws IOException {
    return Checkpoint.read(
        dir, checkpoint -> new Gpt2ForSequenceClassification(checkpoint.config(), checkpoint));
  }

  /**
   * Loads config.json and model.safetensors; a file without `score.weight` gets a fresh head.
   *
   * @param seed of the fresh head
   */
  public static Gpt2ForSequenceClassification fromPretrained(Path dir, long seed)
      throws IOException {
    return fromPretrained(dir, Gpt2Config.fromPretrained(dir), seed);
  }

  /** As above with a config of the caller's, such as one with other labels. */
  public static Gpt2ForSequenceClassification fromPretrained(Path dir, Gpt2Config config, long seed)
      throws IOException {
    return Checkpoint.read(
        dir,
        config,
        checkpoint -> {
          WeightSource head = checkpoint.orElse(new RandomWeights(config, seed));
          return new Gpt2ForSequenceClassification(
              config,
              (name, shape) -> (name.startsWith("score.") ? head : checkpoint).get(name, shape));
        });
  }

  /**
   * Loads a classifier that is built from a checkpoint.
   *
   * @param dir with config.json and model.safetensors
   * @param network what becomes of them
   * @throws IOException naming the file, if it cannot be read or does not fit
   */
  public static Gpt2ForSequenceClassification fromPretrained(Path dir, DerivedNetwork network)
      throws IOException {
    return Checkpoint.read(
        dir,
        checkpoint -> {
          Gpt2Config own = checkpoint.config();
          return new Gpt2ForSequenceClassification(
              network.config(own), network.weights(own, checkpoint));
        });
  }

  @Override
  public String architecture() {
    return "GPT2ForSequenceClassification";
  }

  @Override
  public String headName() {
    return "score";
  }

  public Parameter score() {
    return score;
  }

  /**
   * How {@link #forwardBackward} measures; unless set as transformers does by {@link
   * ProblemType#ofLoss}: plain cross entropy, binary cross entropy or the mean squared error.
   */
  public Loss loss() {
    return loss;
  }

  /**
   * @throws IllegalArgumentException if it has weights for another number of classes
   */
  public void setLoss(Loss loss) {
    loss.checkClasses(config().numLabels());
    this.loss = loss;
  }

  @Override
  void headParameters(Consumer<Parameter> action) {
    action.accept(score);
  }

  /** Logits [B,num_labels] in memory of the caller's. */
  public INDArray forward(PackedBatch batch) {
    return logits(inferencePass(batch)).dup('c');
  }

  private INDArray logits(Pass pass) {
    INDArray pooled = transformer().forward(pass, pooledRows(pass.batch()));
    pooledNorm = transformer().lnF().forward(pooled, score.requiresGrad(), pass);
    INDArray logits = pass.scratch("logits", pooled.size(0), score.value().size(0));
    pass.kernels().gemm(false, pooledNorm, true, score.value(), 1, 0, logits);
    return logits;
  }

  /** The row of each sequence that the head reads. */
  private int[] pooledRows(PackedBatch batch) {
    Integer pad = config().padTokenId();
    int[] rows = new int[batch.sequences()];
    for (int s = 0; s < rows.length; s++) {
      int first = batch.starts()[s];
      int row = batch.starts()[s + 1] - 1;
      while (pad != null && row > first && batch.ids()[row] == pad) {
        row--;
      }
      rows[s] = row;
    }
    return rows;
  }

  @Override
  public double forwardBackward(Labels labels, double lossScale, Pass pass) {
    transformer().requireTrainable();
    int b = pass.batch().sequences();
    checkLabels(labels, b);
    INDArray logits = logits(pass);
    double mean = loss.forwardBackward(logits, labels, lossScale);
    if (score.requiresGrad()) {
      pass.kernels().gemm(true, logits, false, pooledNorm, 1, 1, score.gradient());
    }
    boolean needTrunk = transformer().requiresGrad();
    if (needTrunk || transformer().lnF().requiresGrad()) {
      int c = config().nEmbd();
      INDArray dNorm = pass.scratch("dPooledNorm", b, c);
      pass.kernels().gemm(false, logits, false, score.value(), 1, 0, dNorm);
      INDArray dPooled = needTrunk ? pass.scratch("dPooled", b, c).assign(0) : null;
      transformer().lnF().backward(dNorm, dPooled, pass);
      if (needTrunk) {
        transformer().backward(dPooled, pass);
      }
    }
    return mean;
  }

  private void checkLabels(Labels labels, int sequences) {
    if (labels.size() != sequences) {
      throw new IllegalArgumentException(
          "labels: expected one for each of " + sequences + " sequences, found " + labels.size());
    }
    loss.checkLabels(labels, config().numLabels());
  }
}
