package org.gpt2j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.Gpt2Model;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.Backend;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.nn.Pass;
import org.gpt2j.nn.Workspace;
import org.gpt2j.testing.FiniteDifferences;
import org.gpt2j.testing.Fixture;
import org.gpt2j.testing.RecordingKernels;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Whole models with adapters: gradients in double precision, and what is computed for them. */
class LoraModelTest {
  private static final PackedBatch BATCH =
      PackedBatch.of(List.of(new int[] {4, 1, 4, 10}, new int[] {7}, new int[] {0, 4, 3}));

  private static Gpt2PreTrainedModel model(LoraConfig.TaskType task, DataType type)
      throws IOException {
    Gpt2Config config =
        Gpt2Config.gpt2().toBuilder()
            .vocabSize(11)
            .nPositions(5)
            .nEmbd(9)
            .nHead(3)
            .nLayer(2)
            .nInner(7)
            .dropout(0.2)
            .labels(List.of("a", "b", "c"))
            .build();
    SeededWeights weights = new SeededWeights(8, 10, type);
    return task == LoraConfig.TaskType.SEQ_CLS
        ? new Gpt2ForSequenceClassification(config, weights)
        : new Gpt2LMHeadModel(config, weights);
  }

  private static LoraConfig.Builder config(LoraConfig.TaskType task) {
    return LoraConfig.builder(task)
        .r(3)
        .loraAlpha(5)
        .loraDropout(0.25)
        .useRslora(true)
        .bias(LoraConfig.Bias.LORA_ONLY)
        .targetModules("c_attn", "c_proj");
  }

  @ParameterizedTest
  @EnumSource
  void gradientsWithDropout(LoraConfig.TaskType task) throws IOException {
    Gpt2PreTrainedModel model = model(task, DataType.DOUBLE);
    LoraModel.apply(model, config(task).build(), 1);
    SeededWeights weights = new SeededWeights(9, 10, DataType.DOUBLE);
    for (Parameter p : model.trainableParameters()) {
      if (p.name().contains("lora_B")) { // zero at first, where A has no gradient
        p.value().assign(weights.get(p.name(), p.value().shape()));
      }
    }
    int[] labels =
        task == LoraConfig.TaskType.SEQ_CLS
            ? new int[] {2, 0, 1}
            : Gpt2LMHeadModel.nextTokenLabels(BATCH);
    double loss = model.forwardBackward(BATCH, labels, 1, 5);
    assertThat(loss).isNotEqualTo(model.forwardBackward(BATCH, labels, 1, 6));
    model.zeroGradients();
    model.forwardBackward(BATCH, labels, 1, 5);
    Map<Parameter, INDArray> gradients = new LinkedHashMap<>();
    model.trainableParameters().forEach(p -> gradients.put(p, p.gradient().dup('c')));
    // 6 layers with A, B and a bias, and the head of a classifier
    assertThat(gradients).hasSize(task == LoraConfig.TaskType.SEQ_CLS ? 19 : 18);

    model.freeze(); // the loss alone is wanted from here on
    gradients.forEach(
        (p, gradient) ->
            FiniteDifferences.ofSome(6)
                .check(
                    p.name(),
                    p.value(),
                    gradient,
                    () -> model.forwardBackward(BATCH, labels, 1, 5)));
  }

  /**
   * A frozen base has no gradients, and blocks below the lowest adapter are not gone back through.
   * An adapter takes v = s dy B, dA, dB, and where the layers below need it, two gemms for dx.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // block 1: 3 input gradients and 5; block 0 the same without the adapter's dx
        "c_attn | 14 | 4 | 2",
        // block 1 whole: 4 adapters with dx; block 0: c_attn's dx is not needed
        "all-linear | 38 | 16 | 2",
        "transformer\\.h\\.1\\.attn\\.c_attn | 6 | 2 | 1",
        "transformer\\.h\\.1\\.mlp\\.c_proj | 3 | 2 | 0",
        "transformer\\.h\\.1\\.mlp\\.c_fc | 4 | 2 | 0",
        "transformer\\.h\\.0\\.mlp\\.c_proj | 7 | 2 | 1"
      })
  void frozenWeightsCostNothing(String targets, int gemms, int weightGemms, int attentions)
      throws IOException {
    Gpt2PreTrainedModel model = model(LoraConfig.TaskType.SEQ_CLS, DataType.FLOAT);
    TargetModules modules =
        targets.equals("c_attn")
            ? TargetModules.named(List.of(targets))
            : TargetModules.parse(targets);
    LoraConfig config =
        LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS).r(3).targetModules(modules).build();
    LoraModel.apply(model, config, 1);
    RecordingKernels recording = new RecordingKernels(Backend.kernels(DataType.FLOAT));
    Pass pass = Pass.gradients(recording.kernels(), new Workspace(DataType.FLOAT), BATCH);
    Gpt2Model trunk = model.transformer();
    INDArray d = trunk.forward(pass).dup('c');
    recording.clear();

    trunk.backward(d, pass);

    assertThat(recording.count("gemm")).isEqualTo(gemms);
    assertThat(recording.weightGradientGemms()).isEqualTo(weightGemms);
    assertThat(recording.count("attentionBackward")).isEqualTo(attentions);
    assertThat(recording.count("addBiasBackward")).isZero();
    assertThat(recording.count("embeddingBackward")).isZero();
    for (Parameter p : model.parameters()) {
      boolean trained = p.name().contains(".lora_") || p.name().equals("score.weight");
      assertThat(p.gradientOrNull() != null).as(p.name()).isEqualTo(trained);
    }
  }

  @Test
  void onlyOneAdapterAtATime() throws IOException {
    Gpt2PreTrainedModel model = model(LoraConfig.TaskType.SEQ_CLS, DataType.FLOAT);
    LoraConfig config = config(LoraConfig.TaskType.SEQ_CLS).build();
    LoraModel lora = LoraModel.apply(model, config, 1);
    List<Parameter> before = model.trainableParameters();
    for (String target : new String[] {"c_attn", "c_fc"}) {
      assertThatIllegalStateException()
          .isThrownBy(
              () -> LoraModel.apply(model, config.toBuilder().targetModules(target).build(), 2))
          .withMessage("h.0.attn.c_attn has an adapter already: expected a model without one");
    }
    assertThat(model.trainableParameters()).isEqualTo(before);
    LoraModel.apply(lora.mergeAndUnload(), config, 2);
  }

  @Test
  void mergedModelsAreNotTrained() throws IOException {
    Gpt2PreTrainedModel model = model(LoraConfig.TaskType.SEQ_CLS, DataType.FLOAT);
    LoraModel lora = LoraModel.apply(model, config(LoraConfig.TaskType.SEQ_CLS).build(), 1);
    lora.merge();
    assertThatIllegalStateException()
        .isThrownBy(() -> model.forwardBackward(BATCH, new int[] {0, 1, 2}, 1))
        .withMessage("h.1.mlp.c_proj: merged adapters cannot be trained; unmerge first");
    lora.unmerge();
    assertThat(model.forwardBackward(BATCH, new int[] {0, 1, 2}, 1)).isPositive();
  }

  /** Whatever is wrong is found before the model is changed. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "c_attn | h.0.attn, _attn | modules_to_save: h.1.attn.c_attn is in target_modules too",
        "c_atn | score | target_modules: [c_atn] names no module of the model; it has c_attn, c_proj"
            + " and c_fc",
        "c_fc, ln_1 | score | target_modules: [c_fc, ln_1] hits transformer.h.0.ln_1, which is no"
            + " Conv1D layer"
      })
  void refusedConfigsLeaveTheModelAlone(String targets, String save, String message)
      throws IOException {
    Gpt2PreTrainedModel model = model(LoraConfig.TaskType.SEQ_CLS, DataType.FLOAT);
    List<Parameter> before = model.trainableParameters();
    LoraConfig config =
        LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS)
            .targetModules(targets.split(", "))
            .modulesToSave(List.of(save.split(", ")))
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LoraModel.apply(model, config, 1))
        .withMessage(message);
    assertThat(model.parameters()).isEqualTo(before);
    assertThat(model.trainableParameters()).isEqualTo(before);
  }

  /** Merging writes to a mapped base: neither the file nor who loads it next may see that. */
  @Test
  void mergingLeavesTheFileOfTheBase(@TempDir Path dir) throws IOException {
    Gpt2Config large =
        Gpt2Config.gpt2().toBuilder()
            .vocabSize(11)
            .nPositions(5)
            .nEmbd(96) // c_attn has 108 KiB, enough to be mapped
            .nHead(4)
            .nLayer(1)
            .labels(List.of("a", "b", "c"))
            .build();
    new Gpt2ForSequenceClassification(large, new SeededWeights(8, 4)).savePretrained(dir);
    Path file = dir.resolve(Gpt2PreTrainedModel.WEIGHTS_FILE);
    byte[] before = Files.readAllBytes(file);
    Gpt2ForSequenceClassification model = Gpt2ForSequenceClassification.fromPretrained(dir);
    float[] plain = Fixture.floats(model.forward(BATCH));
    LoraModel lora = LoraModel.apply(model, config(LoraConfig.TaskType.SEQ_CLS).build(), 1);
    for (Parameter p : model.trainableParameters()) {
      if (p.name().contains("lora_B")) {
        p.value().assign(0.1);
      }
    }
    float[] adapted = Fixture.floats(model.forward(BATCH));

    lora.merge();
    float[] merged = Fixture.floats(model.forward(BATCH));
    assertThat(merged).isNotEqualTo(plain).containsExactly(adapted, within(1e-4f));
    assertThat(file).hasBinaryContent(before);
    assertThat(Fixture.floats(Gpt2ForSequenceClassification.fromPretrained(dir).forward(BATCH)))
        .isEqualTo(plain);
    lora.unmerge();
    assertThat(Fixture.floats(model.forward(BATCH))).isEqualTo(adapted);
    lora.mergeAndUnload();
    assertThat(Fixture.floats(model.forward(BATCH))).isEqualTo(merged);
    assertThat(file).hasBinaryContent(before);
  }

  /** First the adapter, then its merging, then 8 bits. */
  @Test
  void adaptersAndRoundedWeightsDoNotMix() throws IOException {
    LoraConfig.TaskType task = LoraConfig.TaskType.SEQ_CLS;
    Gpt2PreTrainedModel model = model(task, DataType.FLOAT);
    LoraModel lora = LoraModel.apply(model, config(task).build(), 1);
    assertThatIllegalStateException()
        .isThrownBy(model::toInt8)
        .withMessage(
            "h.0.attn.c_attn has an adapter: merge it (mergeAndUnload) before its weights change"
                + " form");
    lora.mergeAndUnload().toInt8();
    assertThatIllegalStateException()
        .isThrownBy(() -> LoraModel.apply(model, config(task).build(), 1))
        .withMessage(
            "h.0.attn.c_attn was rounded to 8 bits for inference: expected a model as"
                + " it was loaded");
  }
}
