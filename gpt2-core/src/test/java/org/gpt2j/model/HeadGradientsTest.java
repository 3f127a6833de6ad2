package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.gpt2j.nn.CounterRandom;
import org.gpt2j.nn.Kernels;
import org.gpt2j.nn.Labels;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.testing.FiniteDifferences;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Whole models through their public forwardBackward, in double precision: DOUBLE weights choose the
 * portable kernels. Odd sizes, sequences of several lengths, pads at an end.
 */
class HeadGradientsTest {
  private static final double LOSS_SCALE = 0.75;
  private static final int PAD = 10;

  enum Head {
    CLASSIFICATION,
    MULTI_LABEL,
    REGRESSION,
    TIED_LM,
    UNTIED_LM
  }

  private static final PackedBatch BATCH =
      PackedBatch.of(List.of(new int[] {4, 1, 4, PAD}, new int[] {7}, new int[] {0, 4, 3, 9, 1}));

  /** One label for each sequence, or for each token; some tokens are not learnt. */
  private static Labels labels(Head head) {
    return switch (head) {
      case CLASSIFICATION -> new Labels.Ids(new int[] {2, 0, 1});
      case MULTI_LABEL -> new Labels.Values(new float[][] {{1, 0, 1}, {0, 0, 0}, {0, 0.25f, 1}});
      case REGRESSION -> new Labels.Values(new float[][] {{1, -2, 0}, {0, 3, 0.5f}, {-1, 1, 1}});
      case TIED_LM, UNTIED_LM -> {
        int[] labels = Gpt2LMHeadModel.nextTokenLabels(BATCH);
        labels[6] = Kernels.IGNORE_INDEX;
        yield new Labels.Ids(labels);
      }
    };
  }

  private static String problemType(Head head) {
    return switch (head) {
      case MULTI_LABEL -> "multi_label_classification";
      case REGRESSION -> "regression";
      default -> null;
    };
  }

  private static Gpt2PreTrainedModel model(Head head) throws IOException {
    Gpt2Config config =
        Gpt2Config.gpt2().toBuilder()
            .vocabSize(11)
            .nPositions(5)
            .nEmbd(9)
            .nHead(3)
            .nLayer(2)
            .nInner(7)
            .layerNormEpsilon(1e-3)
            .dropout(0.2)
            .padTokenId(PAD)
            .labels(List.of("a", "b", "c"))
            .problemType(problemType(head))
            .tieWordEmbeddings(head != Head.UNTIED_LM)
            .build();
    SeededWeights weights = new SeededWeights(8, 10, DataType.DOUBLE);
    return head == Head.TIED_LM || head == Head.UNTIED_LM
        ? new Gpt2LMHeadModel(config, weights)
        : new Gpt2ForSequenceClassification(config, weights);
  }

  @ParameterizedTest
  @EnumSource
  void gradients(Head head) throws IOException {
    Gpt2PreTrainedModel model = model(head);
    Labels labels = labels(head);
    double loss = model.forwardBackward(BATCH, labels, LOSS_SCALE);
    List<double[]> once = gradients(model);
    if (model instanceof Gpt2LMHeadModel lm) {
      assertThat(lm.loss(BATCH, labels.ids())).isCloseTo(loss, within(1e-12));
    }
    model.forwardBackward(BATCH, labels, LOSS_SCALE);
    assertTwice(gradients(model), once);
    model.zeroGradients();
    model.forwardBackward(BATCH, labels, LOSS_SCALE);
    assertThat(gradients(model)).as("again").usingRecursiveComparison().isEqualTo(once);

    compare(model, () -> model.forwardBackward(BATCH, labels, LOSS_SCALE));
  }

  @ParameterizedTest
  @EnumSource
  void gradientsWithDropout(Head head) throws IOException {
    Gpt2PreTrainedModel model = model(head);
    Labels labels = labels(head);
    double loss = model.forwardBackward(BATCH, labels, LOSS_SCALE, 99);
    assertThat(loss).isNotEqualTo(model.forwardBackward(BATCH, labels, LOSS_SCALE, 100));
    assertThat(loss).isNotEqualTo(model.forwardBackward(BATCH, labels, LOSS_SCALE));
    model.zeroGradients();
    model.forwardBackward(BATCH, labels, LOSS_SCALE, 99);
    compare(model, () -> model.forwardBackward(BATCH, labels, LOSS_SCALE, 99));
  }

  /** The model's gradients, as they are, against differences of lossScale times the loss. */
  private static void compare(Gpt2PreTrainedModel model, DoubleSupplier loss) {
    Map<Parameter, INDArray> gradients = new LinkedHashMap<>();
    model.parameters(p -> gradients.put(p, p.gradient().dup('c')));
    assertThat(gradients).hasSizeGreaterThanOrEqualTo(28);
    model.freeze(); // the loss alone is wanted from here on
    gradients.forEach(
        (p, gradient) ->
            FiniteDifferences.ofSome(3)
                .check(p.name(), p.value(), gradient, () -> LOSS_SCALE * loss.getAsDouble()));
  }

  private static List<double[]> gradients(Gpt2PreTrainedModel model) {
    List<double[]> all = new ArrayList<>();
    model.parameters(p -> all.add(p.gradient().dup('c').data().asDouble()));
    return all;
  }

  private static void assertTwice(List<double[]> twice, List<double[]> once) {
    for (int p = 0; p < once.size(); p++) {
      for (int i = 0; i < once.get(p).length; i++) {
        assertThat(twice.get(p)[i]).isCloseTo(2 * once.get(p)[i], within(1e-12));
      }
    }
  }

  /** More labelled rows than one chunk of logits holds: 419 at this vocabulary. */
  @Test
  void logitsInChunks() throws IOException {
    Gpt2Config config =
        Gpt2Config.gpt2().toBuilder()
            .vocabSize(40_000)
            .nPositions(300)
            .nEmbd(2)
            .nHead(1)
            .nLayer(1)
            .build();
    Gpt2LMHeadModel model = new Gpt2LMHeadModel(config, new SeededWeights(3, 10));
    List<int[]> sequences = List.of(ids(300), ids(291), ids(7));
    double loss = 0;
    int all = 300 + 291 + 7 - 3;
    for (int[] sequence : sequences) {
      PackedBatch batch = PackedBatch.of(List.of(sequence));
      double share = (sequence.length - 1.0) / all;
      int[] labels = Gpt2LMHeadModel.nextTokenLabels(batch);
      loss += share * model.forwardBackward(batch, labels, share);
      assertThat(sequence.length).isLessThan(419);
    }
    List<double[]> sum = gradients(model);
    model.zeroGradients();
    PackedBatch batch = PackedBatch.of(sequences);
    int[] labels = Gpt2LMHeadModel.nextTokenLabels(batch);

    assertThat(model.loss(batch, labels)).isCloseTo(loss, within(1e-5));
    assertThat(model.forwardBackward(batch, labels, 1)).isCloseTo(loss, within(1e-5));
    List<Parameter> parameters = model.parameters();
    for (int p = 0; p < parameters.size(); p++) {
      float[] expected = new float[sum.get(p).length];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = (float) sum.get(p)[i];
      }
      Parameter parameter = parameters.get(p);
      Fixture.assertRelative(parameter.name(), parameter.gradient(), expected, 1e-4);
    }
  }

  private static int[] ids(int n) {
    int[] ids = new int[n];
    for (int i = 0; i < n; i++) {
      ids[i] = (int) (CounterRandom.uniform(n, i) * 40_000);
    }
    return ids;
  }
}
