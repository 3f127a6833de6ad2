package org.gpt2j.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.data.LabeledText;

/** Texts as token ids, each with a class index. */
public final class ClassificationData implements TrainingData {
  private final List<int[]> inputIds;
  private final int[] labels;

  /**
   * @param inputIds token ids, none of them empty
   * @param labels a class index for each
   */
  public ClassificationData(List<int[]> inputIds, int[] labels) {
    if (inputIds.size() != labels.length) {
      throw new IllegalArgumentException(
          "labels: expected one for each of " + inputIds.size() + " texts, found " + labels.length);
    }
    this.inputIds = List.copyOf(inputIds);
    this.labels = labels.clone();
  }

  /**
   * Tokenizes messages, each cut to maxLength tokens where the tokenizer cuts: {@link
   * Gpt2Tokenizer#truncate}.
   *
   * @param label2id the model's class index of each label
   * @throws IllegalArgumentException if the model does not know a label
   */
  public static ClassificationData of(
      List<LabeledText> messages,
      Gpt2Tokenizer tokenizer,
      int maxLength,
      Map<String, Integer> label2id) {
    List<int[]> ids = new ArrayList<>();
    int[] labels = new int[messages.size()];
    for (LabeledText message : messages) {
      Integer label = label2id.get(message.label());
      if (label == null) {
        throw new IllegalArgumentException(
            "label2id: expected the model to know the label "
                + message.label()
                + ", found "
                + label2id.keySet());
      }
      labels[ids.size()] = label;
      ids.add(tokenizer.truncate(tokenizer.encode(message.text()), maxLength));
    }
    return new ClassificationData(ids, labels);
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int[] inputIds(int index) {
    return inputIds.get(index);
  }

  public int label(int index) {
    return labels[index];
  }

  @Override
  public int[] labels(PackedBatch batch, int[] indices) {
    return Arrays.stream(indices).map(i -> labels[i]).toArray();
  }
}
