package org.gpt2j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.nn.CrossEntropyLoss;
import org.gpt2j.nn.Parameter;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

class TrainerBuilderTest {
  private static final String TWO_STEPS =
      "{\"max_steps\": 2, \"eval_strategy\": \"no\", \"save_strategy\": \"no\"}";

  @TempDir Path output;

  private final ClassificationData data = TinyModel.data(10);
  private final Gpt2ForSequenceClassification model = TinyModel.classifier();

  TrainerBuilderTest() throws IOException {}

  private TrainerBuilder builder(String args) {
    return Trainer.builder(model).args(TinyModel.arguments(output, args)).trainDataset(data);
  }

  private static void assertRefused(TrainerBuilder builder, String message) {
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesDataItCannotTrainOn() {
    ClassificationData none = new ClassificationData(List.of(), new int[0]);
    for (TrainingData nothing : new TrainingData[] {none, null}) {
      assertRefused(
          builder("{}").trainDataset(nothing),
          "train_dataset: expected at least one example, found none");
    }
    assertRefused(
        builder("{}").evalDataset(none),
        "eval_dataset: expected null or at least one example, found none");
    ClassificationData foreign =
        new ClassificationData(List.of(new int[] {1, 2}, new int[] {3, 999}), new int[] {0, 1});
    String problem =
        "_dataset: expected token ids below the model's vocab_size "
            + model.config().vocabSize()
            + ", found 999 in example 1: is the tokenizer that of the model?";
    assertRefused(builder("{}").trainDataset(foreign), "train" + problem);
    assertRefused(builder("{}").evalDataset(foreign), "eval" + problem);
    assertThatThrownBy(() -> new LanguageModelData(new int[15], 16))
        .hasMessage("text: expected at least one block of 16 tokens, found 15 tokens");
    assertThatThrownBy(() -> new ClassificationData(List.of(new int[] {1}), new int[2]))
        .hasMessage("labels: expected one for each of 1 texts, found 2");
  }

  @Test
  void refusesNamesAndWeightsOfOtherClasses() {
    assertRefused(
        builder("{}").labelNames(List.of("a", "b", "c")),
        "label_names: expected 2 names, one for each class, found [a, b, c]");
    assertRefused(
        builder("{}").classWeights(new double[] {1, 2, 3}),
        "class_weights: expected one for each of 2 classes, found 3");
    assertRefused(
        builder("{}").classWeights(new double[] {1, 0}),
        "class_weights: expected numbers above 0, found [1.0, 0.0]");
  }

  @Test
  void refusesAClassifiersLossForALanguageModel() throws IOException {
    Gpt2LMHeadModel lm = new Gpt2LMHeadModel(TinyModel.config(), new SeededWeights(3, 4));
    LanguageModelData blocks = new LanguageModelData(new int[32], 16);
    String message =
        "label_smoothing_factor, class_weights, logit_adjustment: expected a classifier, found a language model";
    assertRefused(
        Trainer.builder(lm).trainDataset(blocks).classWeights(new double[] {1, 2}), message);
    assertRefused(
        Trainer.builder(lm)
            .trainDataset(blocks)
            .args(TinyModel.arguments(output, "{\"label_smoothing_factor\": 0.1}")),
        message);
    Trainer.builder(lm).trainDataset(blocks).build();
  }

  @Test
  void classWeightsAndSmoothingAreThoseOfTheLoss() {
    double[] weights = {1, 3};
    Trainer trainer = builder("{\"label_smoothing_factor\": 0.25}").classWeights(weights).build();
    weights[1] = 100;
    PredictionOutput predicted = trainer.predict(data);
    double expected =
        new CrossEntropyLoss(0.25, new double[] {1, 3}, null)
            .mean(predicted.predictions(), predicted.labelIds());
    assertThat(predicted.metrics().get("test_loss")).isCloseTo(expected, within(1e-12));
    assertThat(builder("{}").build().predict(data).metrics().get("test_loss"))
        .isNotCloseTo(expected, within(1e-3));
  }

  @Test
  void ownMetricsTakeThePlacesOfTheDefaultOnes() throws IOException {
    List<Integer> seen = new ArrayList<>();
    Trainer trainer =
        builder("{\"max_steps\": 2, \"eval_steps\": 1, \"metric_for_best_model\": \"ones\"}")
            .evalDataset(TinyModel.data(6))
            .computeMetrics(
                p -> {
                  seen.add(p.predictions().length);
                  return Map.of("ones", (double) p.labelIds()[1]);
                })
            .build();
    TrainerState state = trainer.train();
    assertThat(seen).containsExactly(6, 6);
    assertThat(state.bestMetric()).isEqualTo(1);
    assertThat(trainer.evaluate())
        .containsEntry("eval_ones", 1.0)
        .containsKey("eval_loss")
        .doesNotContainKey("eval_accuracy");
  }

  /** Subtracts the gradient; remembers how often. */
  private static final class PlainDescent implements Optimizer {
    private final List<Parameter> parameters;
    private final List<Double> rates = new ArrayList<>();

    PlainDescent(List<Parameter> parameters) {
      this.parameters = parameters;
    }

    @Override
    public double gradientNorm() {
      return 1;
    }

    @Override
    public void step(double learningRate, double gradScale) {
      rates.add(learningRate);
      parameters.forEach(p -> p.value().subi(p.gradient().mul(learningRate * gradScale)));
    }

    @Override
    public long steps() {
      return rates.size();
    }

    @Override
    public Map<String, INDArray> stateDict() {
      return Map.of();
    }

    @Override
    public void setSteps(long steps) {}
  }

  @Test
  void ownOptimizerAndSchedule() throws IOException {
    PlainDescent optimizer = new PlainDescent(model.trainableParameters());
    float[] before = Fixture.floats(model.score().value());
    LearningRateSchedule halving = (step, warmup, total) -> Math.pow(0.5, step) * total;
    TrainerState state = builder(TWO_STEPS).optimizers(optimizer, halving).build().train();
    assertThat(optimizer.rates).containsExactly(0.02, 0.01);
    assertThat(Fixture.floats(model.score().value())).isNotEqualTo(before);
    assertThat(state.logHistory().get(0))
        .containsEntry("grad_norm", 1.0)
        .containsEntry("learning_rate", 0.02);
  }

  @Test
  void ownScheduleWithAdamW() throws IOException {
    LearningRateSchedule falling = (step, warmup, total) -> (double) (total - step) / total;
    TrainerState state = builder(TWO_STEPS).optimizers(null, falling).build().train();
    assertThat(state.logHistory().subList(0, 2).stream().map(r -> r.get("learning_rate")))
        .containsExactly(0.01, 0.005);
  }

  @Test
  void ownCollatorMakesTheBatches() throws IOException {
    List<Integer> sizes = new ArrayList<>();
    DataCollator flipping =
        (examples, indices) -> {
          sizes.add(indices.length);
          DataCollator.Batch batch = DataCollator.PACKING.collate(examples, indices);
          int[] labels = batch.labels().clone();
          for (int i = 0; i < labels.length; i++) {
            labels[i] = 1 - labels[i];
          }
          return new DataCollator.Batch(batch.inputs(), labels);
        };
    Trainer trainer = builder(TWO_STEPS).dataCollator(flipping).build();
    double flipped = trainer.train().logHistory().get(0).get("loss");
    assertThat(sizes).containsExactly(4, 4);

    Trainer plain =
        Trainer.builder(TinyModel.classifier())
            .args(TinyModel.arguments(output, TWO_STEPS))
            .trainDataset(TinyModel.opposite(data))
            .build();
    assertThat(plain.train().logHistory().get(0).get("loss")).isEqualTo(flipped);
    assertThat(trainer.predict(data).labelIds()).startsWith(1, 0, 1, 0);
  }

  @Test
  void tokenizerIsSavedWithTheModelAndItsCheckpoints() throws IOException {
    Trainer trainer =
        builder("{\"max_steps\": 1, \"eval_strategy\": \"no\"}")
            .tokenizer(TinyModel.tokenizer())
            .build();
    trainer.train();
    trainer.saveModel();
    int[] expected = TinyModel.tokenizer().encode("WIN a prize");
    for (Path dir : List.of(output, output.resolve("checkpoint-1"))) {
      assertThat(Gpt2Tokenizer.fromPretrained(dir).encode("WIN a prize")).isEqualTo(expected);
      assertThat(dir.resolve("model.safetensors")).isNotEmptyFile();
    }
    Path without = output.resolve("without");
    builder("{}").build().saveModel(without);
    assertThat(without.resolve("tokenizer.json")).doesNotExist();
  }

  @Test
  void labelNamesAreThoseOfTheConfigUnlessGiven() {
    assertThat(builder("{}").build().labelNames()).containsExactly("ham", "spam");
    assertThat(builder("{}").labelNames(List.of("no", "yes")).build().labelNames())
        .containsExactly("no", "yes");
  }

  @Test
  void ownSaver() throws IOException {
    List<String> calls = new ArrayList<>();
    ModelSaver saver =
        new ModelSaver() {
          @Override
          public void save(Path dir) throws IOException {
            calls.add("save");
            Files.writeString(dir.resolve("own"), "x");
          }

          @Override
          public void load(Path dir) {
            calls.add("load " + dir.getFileName());
          }
        };
    Trainer trainer = builder("{\"max_steps\": 1}").evalDataset(data).saver(saver).build();
    trainer.train();
    assertThat(calls).containsExactly("save", "load checkpoint-1");
    trainer.saveModel(output.resolve("model"));
    assertThat(output.resolve("model/own")).hasContent("x");
  }
}
