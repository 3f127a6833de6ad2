package org.gpt2j.lora;

import java.io.IOException;
import java.util.function.UnaryOperator;
import org.gpt2j.model.DerivedNetwork;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.WeightSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The base of an adapter as its weights need it. What is made up here (rows of new tokens, a head)
 * is zeros until the adapter's tensors take its place.
 */
final class BaseNetwork implements DerivedNetwork {
  private static final String WTE = "wte.weight";
  private static final String LM_HEAD = "lm_head.weight";
  private static final String SCORE = "score.weight";

  private final PretrainedAdapter adapter;
  private final UnaryOperator<Gpt2Config> change;
  private final boolean languageModel;

  BaseNetwork(PretrainedAdapter adapter, UnaryOperator<Gpt2Config> change, boolean languageModel) {
    this.adapter = adapter;
    this.change = change;
    this.languageModel = languageModel;
  }

  @Override
  public Gpt2Config config(Gpt2Config own) {
    boolean tied =
        own.tieWordEmbeddings() && !(languageModel && AdapterLayout.untiesHead(adapter.config()));
    Gpt2Config changed = change.apply(own);
    int vocabSize = adapter.vocabSize().orElse(own.vocabSize());
    if (changed.vocabSize() == vocabSize && changed.tieWordEmbeddings() == tied) {
      return changed;
    }
    return changed.toBuilder().vocabSize(vocabSize).tieWordEmbeddings(tied).build();
  }

  @Override
  public WeightSource weights(Gpt2Config own, WeightSource checkpoint) {
    return (name, shape) ->
        switch (name) {
          case WTE -> table(own, checkpoint, WTE, shape);
          case LM_HEAD -> table(own, checkpoint, own.tieWordEmbeddings() ? WTE : LM_HEAD, shape);
          case SCORE ->
              adapter.numLabels().isPresent()
                  ? Nd4j.zeros(DataType.FLOAT, shape)
                  : checkpoint.get(name, shape);
          default -> checkpoint.get(name, shape);
        };
  }

  /** A table of the checkpoint with as many rows as are wanted: resize_token_embeddings. */
  private static INDArray table(Gpt2Config own, WeightSource checkpoint, String name, long... shape)
      throws IOException {
    INDArray table = checkpoint.get(name, own.vocabSize(), shape[1]);
    if (own.vocabSize() == shape[0]) {
      return table;
    }
    INDArray resized = Nd4j.zeros(DataType.FLOAT, shape);
    var rows = NDArrayIndex.interval(0, Math.min(own.vocabSize(), shape[0]));
    resized.get(rows, NDArrayIndex.all()).assign(table.get(rows, NDArrayIndex.all()));
    return resized;
  }
}
