package org.gpt2j.training;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.ProblemType;
import org.gpt2j.nn.Labels;
import org.gpt2j.training.data.DataSplit;
import org.gpt2j.training.data.LabelNames;
import org.gpt2j.training.data.LabeledText;
import org.gpt2j.training.data.MultiLabel;
import org.gpt2j.training.data.RegressionLabel;

/**
 * What the labels of messages are to a model: the index of a class; for each class 1 where it holds
 * and else 0 ({@link MultiLabel}); or the numbers of a regression ({@link RegressionLabel}).
 */
public final class LabelEncoder {
  private final ProblemType problemType;
  private final Map<String, Integer> label2id;

  /**
   * @param label2id the model's class index of each label
   */
  public LabelEncoder(ProblemType problemType, Map<String, Integer> label2id) {
    this.problemType = problemType;
    this.label2id = label2id;
  }

  /**
   * For a model that is trained and measured as its config says, see {@link ProblemType#ofLoss}.
   */
  public static LabelEncoder of(Gpt2Config config) {
    return new LabelEncoder(ProblemType.ofLoss(config), config.label2id());
  }

  /**
   * Names of the classes that the labels of a data set need, in the order of their ids; those of a
   * regression are LABEL_0 and so on, as many as a label has numbers.
   *
   * @throws IllegalArgumentException if there are too few classes, or the labels are no numbers
   */
  public static List<String> names(ProblemType problemType, DataSplit data) {
    List<LabeledText> all =
        Stream.of(data.train(), data.validation(), data.test()).flatMap(List::stream).toList();
    return names(problemType, all);
  }

  /**
   * Names of the classes that the labels of messages need, in the order of their ids; those of a
   * regression are LABEL_0 and so on, as many as a label has numbers.
   *
   * @throws IllegalArgumentException if there are too few classes, or the labels are no numbers
   */
  public static List<String> names(ProblemType problemType, List<LabeledText> messages) {
    return switch (problemType) {
      case SINGLE_LABEL_CLASSIFICATION -> LabelNames.of(messages);
      case MULTI_LABEL_CLASSIFICATION -> LabelNames.ofMultiLabel(messages);
      case REGRESSION -> {
        int outputs =
            messages.isEmpty() ? 1 : RegressionLabel.parse(messages.get(0).label()).length;
        yield Stream.iterate(0, i -> i + 1).limit(outputs).map(i -> "LABEL_" + i).toList();
      }
    };
  }

  /**
   * The labels of messages, in their order.
   *
   * @throws IllegalArgumentException naming the first label that the model does not know, or that
   *     is no number
   */
  public Labels encode(List<LabeledText> messages) {
    Stream<String> labels = messages.stream().map(LabeledText::label);
    return switch (problemType) {
      case SINGLE_LABEL_CLASSIFICATION -> new Labels.Ids(labels.mapToInt(this::id).toArray());
      case MULTI_LABEL_CLASSIFICATION ->
          new Labels.Values(labels.map(this::multiHot).toArray(float[][]::new));
      case REGRESSION -> new Labels.Values(labels.map(this::targets).toArray(float[][]::new));
    };
  }

  private int id(String label) {
    Integer id = label2id.get(label);
    if (id == null) {
      throw new IllegalArgumentException(
          "label2id: expected the model to know the label "
              + label
              + ", found "
              + label2id.keySet());
    }
    return id;
  }

  private float[] multiHot(String label) {
    float[] values = new float[label2id.size()];
    MultiLabel.parse(label).forEach(name -> values[id(name)] = 1);
    return values;
  }

  private float[] targets(String label) {
    float[] values = RegressionLabel.parse(label);
    if (values.length != label2id.size()) {
      throw new IllegalArgumentException(
          "label: expected %s numbers, as many as the model has outputs, found '%s'"
              .formatted(label2id.size(), label));
    }
    return values;
  }
}
