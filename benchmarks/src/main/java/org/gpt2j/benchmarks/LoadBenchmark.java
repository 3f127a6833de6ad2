package org.gpt2j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.RandomWeights;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Loading a model from safetensors that the page cache holds. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 4)
@Measurement(iterations = 15)
public class LoadBenchmark {
  @Param("GPT2")
  public ModelSize size;

  private Path dir;

  @Setup
  public void setUp() throws IOException {
    Gpt2Config config = size.config();
    dir = Files.createTempDirectory("gpt2j-load-");
    new Gpt2ForSequenceClassification(config, new RandomWeights(config, 0)).savePretrained(dir);
  }

  @Benchmark
  public Gpt2ForSequenceClassification load() throws IOException {
    return Gpt2ForSequenceClassification.fromPretrained(dir);
  }

  /** ND4J frees weights after a collection only, and a small heap hardly needs one. */
  @Setup(Level.Iteration)
  public void freeOldModels() {
    System.gc();
  }

  @TearDown
  public void tearDown() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(dir);
  }
}
