package org.gpt2j.benchmarks;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2LMHeadModel;
import org.gpt2j.model.RandomWeights;
import org.gpt2j.nn.PackedBatch;
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

/** A step that trains every weight of the language model: 4 sequences of 64 tokens. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
public class FullStepBenchmark {
  @Param("GPT2")
  public ModelSize size;

  private TrainingStep training;
  private PackedBatch batch;
  private int[] labels;

  @Setup
  public void setUp() throws IOException {
    Gpt2Config config = size.config();
    training = new TrainingStep(new Gpt2LMHeadModel(config, new RandomWeights(config, 0)));
    batch = PackedBatch.of(BenchmarkTexts.blocks(4, 64));
    labels = Gpt2LMHeadModel.nextTokenLabels(batch);
  }

  /** The loss. */
  @Benchmark
  public double step() {
    return training.step(batch, labels);
  }
}
