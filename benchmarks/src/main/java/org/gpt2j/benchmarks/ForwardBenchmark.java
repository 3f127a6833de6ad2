package org.gpt2j.benchmarks;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.RandomWeights;
import org.gpt2j.nn.PackedBatch;
import org.nd4j.linalg.api.ndarray.INDArray;
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

/** Logits of the classifier. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class ForwardBenchmark {
  private static final int MESSAGE_TOKENS = 23;
  private static final int BATCH = 32;

  @Param("GPT2")
  public ModelSize size;

  private Gpt2ForSequenceClassification model;
  private PackedBatch message;
  private PackedBatch messages;
  private PackedBatch longText;

  @Setup
  public void setUp() throws IOException {
    Gpt2Config config = size.config();
    model = new Gpt2ForSequenceClassification(config, new RandomWeights(config, 0));
    message = PackedBatch.of(BenchmarkTexts.blocks(1, MESSAGE_TOKENS));
    messages = BenchmarkTexts.batches(BATCH).get(0).batch();
    longText = PackedBatch.of(BenchmarkTexts.blocks(1, config.nPositions()));
  }

  /** One message of 23 tokens: logits [1,2]. */
  @Benchmark
  public INDArray oneMessage() {
    return model.forward(message);
  }

  /** 32 messages of the balanced split: logits [32,2]. */
  @Benchmark
  public INDArray batchOf32() {
    return model.forward(messages);
  }

  /** One text of 1,024 tokens: logits [1,2]. */
  @Benchmark
  public INDArray tokens1024() {
    return model.forward(longText);
  }
}
