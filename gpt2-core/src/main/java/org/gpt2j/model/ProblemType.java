package org.gpt2j.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.gpt2j.nn.BceWithLogitsLoss;
import org.gpt2j.nn.CrossEntropyLoss;
import org.gpt2j.nn.Loss;
import org.gpt2j.nn.MseLoss;

/**
 * What the logits of a classifier mean: problem_type of config.json. Constants are written as
 * transformers writes them.
 */
public enum ProblemType {
  /** One of the classes holds: its probability is the softmax of the logits. */
  SINGLE_LABEL_CLASSIFICATION {
    @Override
    public double[] scores(float[] logits) {
      double max = Double.NEGATIVE_INFINITY;
      for (float x : logits) {
        max = Math.max(max, x);
      }
      double[] p = new double[logits.length];
      double sum = 0;
      for (int i = 0; i < p.length; i++) {
        p[i] = Math.exp(logits[i] - max);
        sum += p[i];
      }
      for (int i = 0; i < p.length; i++) {
        p[i] /= sum;
      }
      return p;
    }
  },

  /**
   * Each class holds or not, whatever the others do: its probability is the sigmoid of its logit.
   */
  MULTI_LABEL_CLASSIFICATION {
    @Override
    public double[] scores(float[] logits) {
      double[] p = new double[logits.length];
      Arrays.setAll(p, i -> 1 / (1 + Math.exp(-(double) logits[i])));
      return p;
    }
  },

  /** The logits are the numbers that are looked for. */
  REGRESSION {
    @Override
    public double[] scores(float[] logits) {
      double[] values = new double[logits.length];
      Arrays.setAll(values, i -> logits[i]);
      return values;
    }
  };

  /**
   * What transformers' TextClassificationPipeline takes a model's logits for: what problem_type
   * says; without it one label is one that holds or not, and of more one holds.
   */
  public static ProblemType ofPipeline(Gpt2Config config) {
    ProblemType given = given(config);
    if (given == REGRESSION) {
      return REGRESSION;
    }
    return given == MULTI_LABEL_CLASSIFICATION || config.numLabels() == 1
        ? MULTI_LABEL_CLASSIFICATION
        : SINGLE_LABEL_CLASSIFICATION;
  }

  /**
   * What transformers' ForSequenceClassificationLoss trains and measures a model by: what
   * problem_type says; without it one label is a regression, and more are one class of several.
   */
  public static ProblemType ofLoss(Gpt2Config config) {
    ProblemType given = given(config);
    if (given != null) {
      return given;
    }
    return config.numLabels() == 1 ? REGRESSION : SINGLE_LABEL_CLASSIFICATION;
  }

  private static ProblemType given(Gpt2Config config) {
    return config.problemType() == null ? null : fromName(config.problemType());
  }

  /**
   * The constant of a name such as `regression`.
   *
   * @throws IllegalArgumentException naming problem_type, if there is none
   */
  public static ProblemType fromName(String name) {
    for (ProblemType type : values()) {
      if (type.toString().equals(name)) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "problem_type: expected one of " + List.of(values()) + ", found " + name);
  }

  /**
   * A score for each class: its probability, or the value of a regression.
   *
   * @param logits [num_labels]
   * @return [num_labels]
   */
  public abstract double[] scores(float[] logits);

  /** The loss that transformers trains by. */
  public Loss newLoss() {
    return switch (this) {
      case SINGLE_LABEL_CLASSIFICATION -> new CrossEntropyLoss();
      case MULTI_LABEL_CLASSIFICATION -> new BceWithLogitsLoss();
      case REGRESSION -> new MseLoss();
    };
  }

  /** The name in config.json. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
