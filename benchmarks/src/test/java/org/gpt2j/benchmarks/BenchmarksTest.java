package org.gpt2j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Each benchmark's set-up and one invocation on a tiny model. */
class BenchmarksTest {
  @Test
  void jmhFindsExactlyTheBenchmarksThatAreTestedHere() {
    Set<String> found = new TreeSet<>();
    for (BenchmarkListEntry entry :
        BenchmarkList.defaultList()
            .getAll(
                OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                List.of())) {
      found.add(entry.getUsername().substring("org.gpt2j.benchmarks.".length()));
    }
    assertThat(found)
        .containsExactly(
            "DecodeBenchmark.batchOf8",
            "DecodeBenchmark.oneSequence",
            "ForwardBenchmark.batchOf32",
            "ForwardBenchmark.oneMessage",
            "ForwardBenchmark.tokens1024",
            "FullStepBenchmark.step",
            "JTokkitBenchmark.decode",
            "JTokkitBenchmark.encode",
            "LoadBenchmark.load",
            "LoraStepBenchmark.step",
            "TokenizerBenchmark.decode",
            "TokenizerBenchmark.encode",
            "TokenizerTrainBenchmark.train");
  }

  @ParameterizedTest
  @EnumSource
  void tokenizersGiveTheTextsBack(TextKind kind) throws IOException {
    int chars = kind.read().stream().mapToInt(String::length).sum();
    TokenizerBenchmark ours = new TokenizerBenchmark();
    ours.text = kind;
    ours.setUp();
    JTokkitBenchmark theirs = new JTokkitBenchmark();
    theirs.text = kind;
    theirs.setUp();

    assertThat(ours.decode()).isEqualTo(chars);
    assertThat(theirs.decode()).isEqualTo(chars);
    assertThat(ours.encode()).isBetween(chars / 6, chars / 2);
    if (BenchmarkTexts.tokenizer().vocabSize() == 50257) {
      assertThat(ours.encode()).isEqualTo(theirs.encode());
    }
  }

  @ParameterizedTest
  @EnumSource
  void tokenizerLearnsMerges(TextKind kind) throws IOException {
    TokenizerTrainBenchmark benchmark = new TokenizerTrainBenchmark();
    benchmark.text = kind;
    benchmark.setUp();
    assertThat(benchmark.train().tokenToId("ing")).isPresent();
  }

  @Test
  void forwardGivesLogitsOfEverySequence() throws IOException {
    ForwardBenchmark benchmark = new ForwardBenchmark();
    benchmark.size = ModelSize.TINY;
    benchmark.setUp();
    assertLogits(benchmark.oneMessage(), 1);
    assertLogits(benchmark.batchOf32(), 32);
    assertLogits(benchmark.tokens1024(), 1);
  }

  private static void assertLogits(INDArray logits, int sequences) {
    assertThat(logits.shape()).containsExactly(sequences, 2);
    assertThat(logits.norm2Number().doubleValue()).isGreaterThan(0).isLessThan(10.0 * sequences);
  }

  @Test
  void loraStepsLearn() throws IOException {
    LoraStepBenchmark benchmark = new LoraStepBenchmark();
    benchmark.size = ModelSize.TINY;
    benchmark.setUp();
    List<Double> losses = new ArrayList<>();
    IntStream.range(0, 120).forEach(i -> losses.add(benchmark.step()));
    assertThat(losses.get(0)).isBetween(0.6, 0.8);
    assertThat(mean(losses.subList(100, 120))).isLessThan(mean(losses.subList(0, 20)));
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  @Test
  void fullStepLearnsItsBatch() throws IOException {
    FullStepBenchmark benchmark = new FullStepBenchmark();
    benchmark.size = ModelSize.TINY;
    benchmark.setUp();
    double first = benchmark.step();
    double last = 0;
    for (int i = 0; i < 10; i++) {
      last = benchmark.step();
    }
    assertThat(first).isBetween(10.0, 11.5); // ln 50257 = 10.8
    assertThat(last).isLessThan(first);
  }

  /** Every part of the profile is there, and the parts make up the whole. */
  @Test
  void profileAddsUp() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Profile profile =
        new Profile(ModelSize.TINY.config(), new PrintStream(bytes, true, StandardCharsets.UTF_8));
    profile.growth(List.of(1, 40), List.of(3));
    profile.step(BenchmarkTexts.batches(16));

    String text = bytes.toString(StandardCharsets.UTF_8);
    assertThat(text).contains("| 40 tokens |", "| gemm, weights |", "| gemm, low rank |");
    assertThat(text).contains("| activations: qkv, all layers |");
    Matcher share = Pattern.compile("([0-9.]+) % \\|").matcher(text);
    double sum = share.results().mapToDouble(r -> Double.parseDouble(r.group(1))).sum();
    assertThat(sum).isBetween(98.0, 102.0);
  }

  @Test
  void decodingInABatchGivesWhatOneSequenceGives() throws IOException {
    DecodeBenchmark benchmark = new DecodeBenchmark();
    benchmark.size = ModelSize.TINY;
    benchmark.setUp();
    List<int[]> one = benchmark.oneSequence();
    List<int[]> eight = benchmark.batchOf8();
    assertThat(one).hasSize(1);
    assertThat(eight).hasSize(8).allSatisfy(ids -> assertThat(ids).hasSize(64));
    assertThat(eight.get(0)).isEqualTo(one.get(0));
  }

  @Test
  void loadReadsWhatSetUpWrote() throws IOException {
    LoadBenchmark benchmark = new LoadBenchmark();
    benchmark.size = ModelSize.TINY;
    benchmark.setUp();
    Gpt2ForSequenceClassification model = benchmark.load();
    benchmark.tearDown();
    assertThat(model.config().nLayer()).isEqualTo(2);
    assertThat(model.score().value().norm2Number().doubleValue()).isGreaterThan(0);
  }
}
