package org.gpt2j.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.RandomWeights;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A step of the recipe: LoRA on c_attn and c_proj, 16 messages of the balanced split a batch. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 6)
public class LoraStepBenchmark {
  @Param("GPT2")
  public ModelSize size;

  private TrainingStep training;
  private List<LabeledBatch> batches;
  private int next;

  @Setup
  public void setUp() throws IOException {
    Gpt2Config config = size.config();
    training =
        TrainingStep.lora(new Gpt2ForSequenceClassification(config, new RandomWeights(config, 0)));
    batches = BenchmarkTexts.batches(16);
  }

  /** The loss. */
  @Benchmark
  public double step() {
    LabeledBatch batch = batches.get(next++ % batches.size());
    return training.step(batch.batch(), batch.labels());
  }
}
