package org.gpt2j.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

/** Our tokenizer on one thread, all texts of a kind an operation. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class TokenizerBenchmark {
  @Param public TextKind text;

  private Gpt2Tokenizer tokenizer;
  private List<String> texts;
  private List<int[]> ids;

  @Setup
  public void setUp() throws IOException {
    tokenizer = BenchmarkTexts.tokenizer();
    texts = text.read();
    ids = texts.stream().map(tokenizer::encode).toList();
  }

  /** Number of tokens. */
  @Benchmark
  public int encode() {
    int tokens = 0;
    for (String t : texts) {
      tokens += tokenizer.encode(t).length;
    }
    return tokens;
  }

  /** Number of characters. */
  @Benchmark
  public int decode() {
    int chars = 0;
    for (int[] i : ids) {
      chars += tokenizer.decode(i).length();
    }
    return chars;
  }
}
