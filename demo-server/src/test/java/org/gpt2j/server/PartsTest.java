package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The small classes by themselves. */
class PartsTest {
  @Test
  void wordsAreWhatIsBetweenWhiteSpace() {
    String text = " one,\u00a0two\n\u3000three ";
    List<TextPart> parts = TextPart.of(text, 10);
    assertThat(parts)
        .extracting(part -> text.substring(part.start(), part.end()))
        .containsExactly("one,", "two", "three");
    assertThat(TextPart.of("  ", 3)).isEmpty();
  }

  @Test
  void manyWordsBecomeAsManyPartsAsAllowed() {
    String text = "a b c d e f g";
    assertThat(TextPart.of(text, 3))
        .extracting(part -> text.substring(part.start(), part.end()))
        .containsExactly("a b c", "d e f", "g");
    assertThat(TextPart.of(text, 7)).hasSize(7);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 48})
  void halvesComeInPairsThatMakeUpTheText(int size) {
    List<BitSet> halves = Explanation.halves(size);
    assertThat(halves).hasSize(4).isEqualTo(Explanation.halves(size));
    for (int i = 0; i < halves.size(); i += 2) {
      assertThat(halves.get(i).cardinality()).isEqualTo(size / 2);
      assertThat(halves.get(i).intersects(halves.get(i + 1))).isFalse();
      assertThat(halves.get(i).cardinality() + halves.get(i + 1).cardinality()).isEqualTo(size);
    }
    assertThat(halves.get(0).equals(halves.get(2))).isEqualTo(size < 2);
  }

  @Test
  void logOddsOfAClass() {
    float[] logits = {1, 3, 2};
    double[] e = {Math.exp(1), Math.exp(3), Math.exp(2)};
    for (int i = 0; i < 3; i++) {
      double p = e[i] / (e[0] + e[1] + e[2]);
      assertThat(Explanation.logOdds(logits, i)).isCloseTo(Math.log(p / (1 - p)), within(1e-9));
    }
    assertThat(Explanation.logOdds(new float[] {1000, -1000}, 0)).isEqualTo(2000);
  }

  @Test
  void histogramsCountUpToTheirBounds() {
    Histogram histogram = new Histogram(1, 2.5);
    List.of(0.5, 1.0, 2.0, 7.0).forEach(histogram::record);
    StringBuilder out = new StringBuilder();
    histogram.write(out, "h", "a=\"b\"");
    assertThat(out)
        .hasToString(
            """
            h_bucket{a="b",le="1"} 2
            h_bucket{a="b",le="2.5"} 3
            h_bucket{a="b",le="+Inf"} 4
            h_sum{a="b"} 10.5
            h_count{a="b"} 4
            """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST:8080",
        "127.0.0.1:1",
        "127.1.2.3",
        "[::1]:80",
        "[::1]",
        "pc.lan"
      })
  void aLoopbackServerHasTheseNames(String host) throws Exception {
    HostCheck check =
        new HostCheck(InetAddress.getByName("127.0.0.1"), "127.0.0.1", List.of("PC.lan"));
    assertThatCode(() -> check.check(List.of(host))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"example.org", "127.0.0.1.example.org", "[::2]", "::1", "localhost:x", ""})
  void aLoopbackServerHasNoOthers(String host) throws Exception {
    HostCheck check = new HostCheck(InetAddress.getByName("::1"), "::1", List.of());
    assertThatThrownBy(() -> check.check(List.of(host))).isInstanceOf(ApiException.class);
  }

  @Test
  void aServerThatOthersReachHasAnyName() throws Exception {
    HostCheck check = new HostCheck(InetAddress.getByName("0.0.0.0"), "0.0.0.0", List.of());
    assertThatCode(() -> check.check(List.of("example.org"))).doesNotThrowAnyException();
  }

  @Test
  void requestsShareTheMemory() throws Exception {
    RequestMemory memory = new RequestMemory(10 << 10);
    try (RequestMemory.Share one = memory.share();
        RequestMemory.Share other = memory.share()) {
      one.take(1);
      one.take(1023);
      assertThat(memory.left()).isEqualTo(9);
      other.take(9 << 10);
      assertThatThrownBy(() -> one.take(1))
          .isInstanceOf(ApiException.class)
          .hasMessage("Too many large requests arrive at once: try again later.");
      other.giveBack(1);
      assertThat(memory.left()).isZero();
      other.giveBack(1023);
      one.take(1);
      assertThat(memory.left()).isZero();
    }
    assertThat(memory.left()).isEqualTo(10);
  }

  @Test
  void aRequestLargerThanTheMemoryComesThroughAlone() throws Exception {
    RequestMemory memory = new RequestMemory(10 << 10);
    try (RequestMemory.Share large = memory.share();
        RequestMemory.Share small = memory.share()) {
      large.take(1L << 40);
      assertThatThrownBy(() -> small.take(1)).isInstanceOf(ApiException.class);
      large.giveBack((1L << 40) - 1);
      small.take(1);
    }
    assertThat(memory.left()).isEqualTo(10);
  }

  @Test
  void noTwoClassesHaveOneLabel() throws Exception {
    ServedModel.requireDistinct(Path.of("model"), List.of("ham", "spam"));
    assertThatThrownBy(
            () -> ServedModel.requireDistinct(Path.of("model"), List.of("a", "b\n", "b\n")))
        .isInstanceOf(IOException.class)
        .hasMessage("model: id2label: expected another name for each class, found b\\n twice");
  }
}
