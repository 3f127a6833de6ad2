package org.gpt2j.benchmarks;

import org.gpt2j.lora.LoraConfig;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.Gpt2PreTrainedModel;
import org.gpt2j.nn.CounterRandom;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Pass;
import org.gpt2j.training.AdamW;
import org.gpt2j.training.TrainingArguments;

/** One optimizer step as the Trainer does it with its defaults: dropout, clipping, AdamW. */
public final class TrainingStep {
  private final Gpt2PreTrainedModel model;
  private final TrainingArguments args = TrainingArguments.defaults();
  private final AdamW optimizer;
  private long steps;

  /** Trains what the model says is trainable. */
  public TrainingStep(Gpt2PreTrainedModel model) {
    this.model = model;
    optimizer =
        new AdamW(
            model.trainableParameters(),
            args.weightDecay(),
            args.adamBeta1(),
            args.adamBeta2(),
            args.adamEpsilon());
  }

  /** Puts the recipe's adapter into the model: the defaults of `train`. */
  public static TrainingStep lora(Gpt2ForSequenceClassification model) {
    LoraModel.apply(
        model,
        LoraConfig.builder(LoraConfig.TaskType.SEQ_CLS)
            .r(8)
            .loraAlpha(32)
            .loraDropout(0.1)
            .targetModules("c_attn", "c_proj")
            .build(),
        TrainingArguments.defaults().seed());
    return new TrainingStep(model);
  }

  /** One batch, one step; returns the mean loss before it. */
  public double step(PackedBatch batch, int[] labels) {
    model.zeroGradients();
    long dropoutKey = CounterRandom.key(args.seed(), ++steps);
    double loss = model.forwardBackward(batch, labels, 1, dropoutKey);
    update();
    return loss;
  }

  /** As above on kernels and memory of the caller's. */
  public double step(int[] labels, Pass pass) {
    model.zeroGradients();
    double loss = model.forwardBackward(labels, 1, pass);
    update();
    return loss;
  }

  private void update() {
    double norm = optimizer.gradientNorm();
    optimizer.step(args.learningRate(), AdamW.clipFactor(norm, args.maxGradNorm()));
  }
}
