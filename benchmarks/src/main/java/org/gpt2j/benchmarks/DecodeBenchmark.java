package org.gpt2j.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.gpt2j.model.GenerationConfig;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2LMHeadModel;
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

/** Greedy decoding with the key-value cache: 64 tokens after a prompt of 32. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 6)
public class DecodeBenchmark {
  @Param("GPT2")
  public ModelSize size;

  private Gpt2LMHeadModel model;
  private List<int[]> prompts;
  private final GenerationConfig config =
      GenerationConfig.builder().maxNewTokens(64).eosTokenId().build();

  @Setup
  public void setUp() throws IOException {
    Gpt2Config gpt2 = size.config();
    model = new Gpt2LMHeadModel(gpt2, new RandomWeights(gpt2, 0));
    prompts = BenchmarkTexts.blocks(8, 32);
  }

  /** One prompt: its new tokens. */
  @Benchmark
  public List<int[]> oneSequence() {
    return model.generate(prompts.subList(0, 1), config);
  }

  /** 8 prompts at once: the new tokens of each. */
  @Benchmark
  public List<int[]> batchOf8() {
    return model.generate(prompts, config);
  }
}
