package org.gpt2j.training.baseline;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gpt2j.training.data.LabeledText;

/**
 * Logistic regression on the n-grams of a text: what a simple filter reaches. The features are
 * those of scikit-learn's
 *
 * <pre>
 * make_union(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
 *            TfidfVectorizer(analyzer='char', ngram_range=(2, 5), sublinear_tf=True))
 * </pre>
 *
 * and the model is its {@code LogisticRegression(C=1)}, for more than two classes {@code
 * OneVsRestClassifier} of it. It is trained by LIBLINEAR (Fan et al., JMLR 9, 2008), whose solver
 * draws no random numbers: the same texts give the same model.
 */
public final class NGramBaseline implements Baseline {
  private static final double C = 1;

  /** Finer than LIBLINEAR's 0.01, so that the result is the optimum to about four digits. */
  private static final double TOLERANCE = 1e-5;

  static {
    Linear.disableDebugOutput(); // it writes to standard output
  }

  private final int numLabels;
  private final TfidfVectorizer words;
  private final TfidfVectorizer characters;
  private final Model model;

  private NGramBaseline(int numLabels, List<String> texts, double[] classes) {
    this.numLabels = numLabels;
    words = new TfidfVectorizer(NGrams.WORDS, texts);
    characters = new TfidfVectorizer(NGrams.CHARACTERS, texts);
    Problem problem = new Problem();
    problem.l = texts.size();
    problem.n = biasIndex();
    problem.bias = 1;
    problem.x = texts.stream().map(this::features).toArray(Feature[][]::new);
    problem.y = classes;
    Parameter parameter = new Parameter(SolverType.L2R_LR, C, TOLERANCE);
    parameter.setRegularizeBias(false);
    model = Linear.train(problem, parameter);
  }

  /**
   * Learns from messages.
   *
   * @param train at least one message of two classes
   * @param labels names of the classes in the order of their ids
   * @throws IllegalArgumentException if a message has another label, or all have the same
   */
  public static NGramBaseline train(List<LabeledText> train, List<String> labels) {
    double[] classes = new double[train.size()];
    for (int i = 0; i < classes.length; i++) {
      String label = train.get(i).label();
      classes[i] = labels.indexOf(label);
      if (classes[i] < 0) {
        throw new IllegalArgumentException(
            "train: expected labels of " + labels + ", found '" + label + "'");
      }
    }
    if (Arrays.stream(classes).distinct().count() < 2) {
      throw new IllegalArgumentException(
          "train: expected messages of at least 2 classes of " + labels + ", found fewer");
    }
    return new NGramBaseline(
        labels.size(), train.stream().map(LabeledText::text).toList(), classes);
  }

  /** A class without a training message has probability 0. */
  @Override
  public double[] probabilities(String text) {
    double[] estimates = new double[model.getNrClass()];
    Linear.predictProbability(model, features(text), estimates);
    double[] probabilities = new double[numLabels];
    int[] classes = model.getLabels(); // in the order in which the training messages have them
    for (int i = 0; i < classes.length; i++) {
      probabilities[classes[i]] = estimates[i];
    }
    return probabilities;
  }

  /** LIBLINEAR counts features from 1; words come before characters, and the bias last. */
  private Feature[] features(String text) {
    List<Feature> features = new ArrayList<>();
    words.transform(text).forEach((i, weight) -> features.add(new FeatureNode(1 + i, weight)));
    int first = 1 + words.size();
    characters
        .transform(text)
        .forEach((i, weight) -> features.add(new FeatureNode(first + i, weight)));
    features.add(new FeatureNode(biasIndex(), 1));
    return features.toArray(Feature[]::new);
  }

  private int biasIndex() {
    return words.size() + characters.size() + 1;
  }
}
