package org.gpt2j.training;

import java.util.List;
import java.util.Map;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.Labels;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.data.LabeledText;

/** Texts as token ids, each with a class index, or with numbers for all classes. */
public final class ClassificationData implements TrainingData {
  private final List<int[]> inputIds;
  private final Labels labels;

  /**
   * Of one class a text.
   *
   * @param inputIds token ids, none of them empty
   * @param labels a class index for each
   */
  public ClassificationData(List<int[]> inputIds, int[] labels) {
    this(inputIds, new Labels.Ids(labels.clone()));
  }

  /**
   * @param inputIds token ids, none of them empty
   * @param labels of each
   */
  public ClassificationData(List<int[]> inputIds, Labels labels) {
    if (inputIds.size() != labels.size()) {
      throw new IllegalArgumentException(
          "labels: expected one for each of " + inputIds.size() + " texts, found " + labels.size());
    }
    this.inputIds = List.copyOf(inputIds);
    this.labels = labels;
  }

  /**
   * Tokenizes messages of one class each, each cut to maxLength tokens where the tokenizer cuts:
   * {@link Gpt2Tokenizer#truncate}.
   *
   * @param label2id the model's class index of each label
   * @throws IllegalArgumentException if the model does not know a label
   */
  public static ClassificationData of(
      List<LabeledText> messages,
      Gpt2Tokenizer tokenizer,
      int maxLength,
      Map<String, Integer> label2id) {
    return of(
        messages,
        tokenizer,
        maxLength,
        new LabelEncoder(ProblemType.SINGLE_LABEL_CLASSIFICATION, label2id));
  }

  /**
   * Tokenizes messages, each cut to maxLength tokens where the tokenizer cuts: {@link
   * Gpt2Tokenizer#truncate}.
   *
   * @param config of the model, which says what labels are: {@link LabelEncoder}
   * @throws IllegalArgumentException naming a label that does not fit the model
   */
  public static ClassificationData of(
      List<LabeledText> messages, Gpt2Tokenizer tokenizer, int maxLength, Gpt2Config config) {
    return of(messages, tokenizer, maxLength, LabelEncoder.of(config));
  }

  static ClassificationData of(
      List<LabeledText> messages, Gpt2Tokenizer tokenizer, int maxLength, LabelEncoder labels) {
    Labels encoded = labels.encode(messages);
    List<int[]> ids =
        messages.stream()
            .map(m -> tokenizer.truncate(tokenizer.encode(m.text()), maxLength))
            .toList();
    return new ClassificationData(ids, encoded);
  }

  @Override
  public int size() {
    return labels.size();
  }

  @Override
  public int[] inputIds(int index) {
    return inputIds.get(index);
  }

  /**
   * The class index of one example.
   *
   * @throws IllegalArgumentException if labels are numbers
   */
  public int label(int index) {
    return labels.ids()[index];
  }

  @Override
  public int[] labels(PackedBatch batch, int[] indices) {
    return targets(batch, indices).ids();
  }

  @Override
  public Labels targets(PackedBatch batch, int[] indices) {
    return labels.at(indices);
  }
}
