package org.gpt2j.benchmarks;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

/** JTokkit's r50k_base, which is GPT-2's vocabulary, on the texts of {@link TokenizerBenchmark}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class JTokkitBenchmark {
  @Param public TextKind text;

  private Encoding encoding;
  private List<String> texts;
  private List<IntArrayList> ids;

  @Setup
  public void setUp() throws IOException {
    encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
    texts = text.read();
    ids = texts.stream().map(encoding::encodeOrdinary).toList();
  }

  /** Number of tokens. */
  @Benchmark
  public int encode() {
    int tokens = 0;
    for (String t : texts) {
      tokens += encoding.encodeOrdinary(t).size();
    }
    return tokens;
  }

  /** Number of characters. */
  @Benchmark
  public int decode() {
    int chars = 0;
    for (IntArrayList i : ids) {
      chars += encoding.decode(i).length();
    }
    return chars;
  }
}
