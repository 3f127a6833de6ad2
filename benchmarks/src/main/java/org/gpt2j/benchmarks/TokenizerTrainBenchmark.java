package org.gpt2j.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.gpt2j.tokenizer.BpeTrainer;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
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

/** Learning a vocabulary of 8,192 tokens. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class TokenizerTrainBenchmark {
  @Param public TextKind text;

  private List<String> texts;

  @Setup
  public void setUp() throws IOException {
    texts = text.read();
  }

  @Benchmark
  public Gpt2Tokenizer train() {
    return new BpeTrainer().vocabSize(8192).minFrequency(2).train(texts.iterator());
  }
}
