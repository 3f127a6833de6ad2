package org.gpt2j.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gpt2j.hub.Hub;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.ProblemType;
import org.gpt2j.model.WeightType;
import org.gpt2j.nn.Backend;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.calibration.Calibration;
import org.gpt2j.training.calibration.CalibrationFile;
import org.gpt2j.training.data.LabeledText;

/**
 * Classifies texts with a fine-tuned model: one line to load, safe for many threads (they take
 * turns).
 *
 * <pre>{@code
 * try (TextClassifier classifier = TextClassifier.load(Path.of("lora_model"))) {
 *   Classification c = classifier.classify("You won a prize! Call now");
 *   System.out.println(c.label() + " " + c.score());
 * }
 * }</pre>
 *
 * <p>Loading throws {@link org.gpt2j.nn.NativeCodeException} where the native libraries that
 * compute cannot be unpacked or run.
 */
public final class TextClassifier implements AutoCloseable {
  /** Texts computed together at most; long ones fill a batch before that. */
  private static final int BATCH = 64;

  /** Texts after which the time that packing the weights takes (0.3 s for 12x768) pays. */
  private static final int PACK_AFTER = 16;

  private Gpt2ForSequenceClassification model;
  private int classified;
  private final Gpt2Tokenizer tokenizer;
  private final int maxLength;
  private final String headSha256;
  private final Calibration calibration;

  private TextClassifier(
      Gpt2ForSequenceClassification model,
      Gpt2Tokenizer tokenizer,
      WeightType weights,
      Calibrating calibrating)
      throws IOException {
    this.headSha256 = CalibrationFile.hash(model.score().value().toFloatMatrix());
    this.calibration = calibrating.of(model.config(), headSha256);
    if (weights == WeightType.INT8) {
      model.toInt8();
    }
    this.model = model;
    this.tokenizer = tokenizer;
    this.maxLength =
        Math.min(tokenizer.modelMaxLength().orElse(Integer.MAX_VALUE), model.config().nPositions());
  }

  /** Loads the spam filter inside the jar: labels `ham` and `spam`. */
  public static TextClassifier load() throws IOException {
    return load(BundledClassifier.directory());
  }

  /**
   * Loads a model that names its own base, or needs none.
   *
   * @param modelDir an adapter as `train` or peft wrote it, or a whole model
   * @throws IOException naming the file, if one cannot be read or does not fit
   */
  public static TextClassifier load(Path modelDir) throws IOException {
    return load(modelDir, null);
  }

  /**
   * Loads a directory that `train` or peft wrote: an adapter or a whole model.
   *
   * @param base the adapter's base as {@link BaseModel#resolve} takes it; null for the one that the
   *     adapter names
   * @throws IOException naming the file, if one cannot be read or does not fit
   * @throws IllegalArgumentException if there is a base for a whole model
   */
  public static TextClassifier load(Path modelDir, String base) throws IOException {
    return load(modelDir, base, WeightType.F32);
  }

  /**
   * Loads a directory that `train` or peft wrote: an adapter or a whole model.
   *
   * @param base the adapter's base as {@link BaseModel#resolve} takes it; null for the one that the
   *     adapter names
   * @param weights how to hold the weights, an adapter's being merged before they are rounded
   * @throws IOException naming the file, if one cannot be read or does not fit
   * @throws IllegalArgumentException if there is a base for a whole model
   */
  public static TextClassifier load(Path modelDir, String base, WeightType weights)
      throws IOException {
    return load(modelDir, base, weights, null);
  }

  /**
   * Loads a directory that `train` or peft wrote: an adapter or a whole model.
   *
   * @param base the adapter's base as {@link BaseModel#resolve} takes it; null for the one that the
   *     adapter names
   * @param weights how to hold the weights, an adapter's being merged before they are rounded
   * @param hub where a base comes from that the cache lacks; null to download nothing
   * @throws IOException naming the file, if one cannot be read or does not fit
   * @throws IllegalArgumentException if there is a base for a whole model
   */
  public static TextClassifier load(Path modelDir, String base, WeightType weights, Hub hub)
      throws IOException {
    return load(ModelDirectory.open(modelDir, base, hub), weights);
  }

  /**
   * Loads a model that was found.
   *
   * @param weights how to hold the weights, an adapter's being merged before they are rounded
   * @throws IOException naming the file, if one cannot be read or does not fit
   */
  public static TextClassifier load(ModelDirectory directory, WeightType weights)
      throws IOException {
    return load(directory, weights, directory::calibration);
  }

  /**
   * Loads a model that was found, with the probabilities that its logits alone give, whatever its
   * {@code calibration.json} says.
   *
   * @param weights how to hold the weights, an adapter's being merged before they are rounded
   * @throws IOException naming the file, if one cannot be read or does not fit
   */
  public static TextClassifier loadUncalibrated(ModelDirectory directory, WeightType weights)
      throws IOException {
    return load(directory, weights, (config, head) -> Calibration.identity(config.numLabels()));
  }

  private interface Calibrating {
    Calibration of(Gpt2Config config, String headSha256) throws IOException;
  }

  private static TextClassifier load(
      ModelDirectory directory, WeightType weights, Calibrating calibrating) throws IOException {
    Backend.preload(); // while the tokenizer is read
    Gpt2Tokenizer tokenizer = directory.tokenizer();
    return new TextClassifier(directory.classifier(), tokenizer, weights, calibrating);
  }

  /** The model's config. */
  public Gpt2Config config() {
    return open().config();
  }

  /** Names of the classes, in the order of the logits. */
  public List<String> labels() {
    return List.copyOf(open().config().id2label().values());
  }

  /** Names the weights of the head, in {@code calibration.json}: {@link CalibrationFile#hash}. */
  public String headSha256() {
    return headSha256;
  }

  /** What makes probabilities and labels of the logits: calibration.json of the model. */
  public Calibration calibration() {
    return calibration;
  }

  /** What the logits mean, as transformers' pipeline takes them. */
  public ProblemType problemType() {
    return ProblemType.ofPipeline(open().config());
  }

  /**
   * Loss and scores over labelled messages, by {@link ProblemType#ofLoss}.
   *
   * @param messages with labels as {@link LabelEncoder} takes them
   * @param prefix of the names, such as `eval_`
   * @throws IllegalArgumentException naming a label that does not fit the model
   * @throws ArithmeticException if a logit is not finite
   */
  public Map<String, Double> evaluate(List<LabeledText> messages, String prefix) {
    return predict(messages, prefix).metrics();
  }

  /**
   * Loss and scores over labelled messages, by {@link ProblemType#ofLoss}, with the logits of each
   * message, after the {@link #calibration}, and its label.
   *
   * @param messages with labels as {@link LabelEncoder} takes them
   * @param prefix of the names, such as `eval_`
   * @throws IllegalArgumentException naming a label that does not fit the model
   * @throws ArithmeticException if a logit is not finite
   */
  public PredictionOutput predict(List<LabeledText> messages, String prefix) {
    return predict(messages, prefix, ProblemType.ofLoss(open().config()));
  }

  /**
   * Loss and scores over labelled messages, with the logits of each message and its label.
   *
   * @param messages with labels as {@link LabelEncoder} takes them
   * @param prefix of the names, such as `eval_`
   * @param problemType what to measure, whatever the model's config says
   * @throws IllegalArgumentException naming a label that does not fit the model
   * @throws ArithmeticException if a logit is not finite
   */
  public synchronized PredictionOutput predict(
      List<LabeledText> messages, String prefix, ProblemType problemType) {
    Gpt2Config config = open().config();
    LabelEncoder labels = new LabelEncoder(problemType, config.label2id());
    ClassificationData data = ClassificationData.of(messages, tokenizer, maxLength, labels);
    long start = System.nanoTime();
    EvalPrediction predicted = evaluation().predict(open(), data);
    float[][] logits = predicted.predictions();
    for (int i = 0; i < logits.length; i++) {
      checkFinite(logits[i], i, logits.length);
      logits[i] = calibration.apply(logits[i]);
    }
    return evaluation()
        .measure(
            predicted,
            config.numLabels(),
            problemType.newLoss(),
            prefix,
            p -> Evaluation.scores(p, problemType, calibration),
            start);
  }

  private static Evaluation evaluation() {
    return new Evaluation(BATCH, DataCollator.PACKING, () -> {});
  }

  private synchronized Gpt2ForSequenceClassification open() {
    if (model == null) {
      throw new IllegalStateException("this classifier is closed");
    }
    return model;
  }

  /**
   * Classifies one text, which must not be empty; what is longer than the model reads is cut off.
   */
  public Classification classify(String text) {
    return classify(List.of(text)).get(0);
  }

  /**
   * Classifies texts, in their order.
   *
   * @throws ArithmeticException if a logit is not finite
   */
  public List<Classification> classify(List<String> texts) {
    List<EncodedText> encoded = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      int number = i + 1;
      encoded.add(
          encode(texts.get(i))
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "text "
                              + number
                              + " of "
                              + texts.size()
                              + " is empty: there is nothing to classify")));
    }
    return classifyEncoded(encoded);
  }

  /**
   * Tokens of a text that the model reads at most. What comes after them is cut off, or what comes
   * before them where the tokenizer's truncation_side is left.
   */
  public int maxLength() {
    return maxLength;
  }

  /**
   * A text as {@link #classifyEncoded} takes it; nothing where the text is empty. Threads do not
   * wait for each other here.
   */
  public Optional<EncodedText> encode(String text) {
    int[] ids = tokenizer.encode(text);
    if (ids.length == 0) {
      return Optional.empty();
    }
    int[] read = tokenizer.truncate(ids, maxLength);
    return Optional.of(new EncodedText(text, read, read.length < ids.length));
  }

  /** As {@link #classify}, of texts that {@link #encode} has made ready. */
  public List<Classification> classifyEncoded(List<EncodedText> texts) {
    List<int[]> ids = texts.stream().map(EncodedText::tokenIds).toList();
    float[][] logits;
    List<String> labels;
    ProblemType problemType;
    synchronized (this) {
      labels = labels();
      problemType = problemType();
      classified = Math.min(classified + texts.size(), PACK_AFTER + 1);
      if (classified > PACK_AFTER) {
        open().pack();
      }
      int[] noLabels = new int[ids.size()];
      logits = evaluation().predict(open(), new ClassificationData(ids, noLabels)).predictions();
    }
    List<Classification> results = new ArrayList<>();
    for (int i = 0; i < logits.length; i++) {
      checkFinite(logits[i], i, logits.length);
      results.add(Classification.of(texts.get(i), problemType, labels, logits[i], calibration));
    }
    return results;
  }

  private static void checkFinite(float[] logits, int i, int texts) {
    for (float x : logits) {
      if (!Float.isFinite(x)) {
        throw new ArithmeticException(
            String.format(
                "text %s of %s: expected finite logits, found %s: are the model's weights damaged?",
                i + 1, texts, Arrays.toString(logits)));
      }
    }
  }

  /** Lets go of the weights; calls after that are refused. */
  @Override
  public synchronized void close() {
    model = null;
  }
}
