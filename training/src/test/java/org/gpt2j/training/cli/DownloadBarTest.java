package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class DownloadBarTest {
  private static final long SECOND = 1_000_000_000;

  private final StringWriter out = new StringWriter();
  private long now;

  private DownloadBar bar(boolean terminal) {
    return new DownloadBar(new PrintWriter(out), terminal, () -> now);
  }

  private static void load(DownloadBarTest test, DownloadBar bar) {
    bar.note("downloading gpt2");
    bar.progress("config.json", 0, 665);
    bar.progress("config.json", 665, 665);
    for (int i = 0; i <= 100; i++) {
      bar.progress("model.safetensors", 5_000_000L * i, 500_000_000);
      test.now += SECOND;
    }
  }

  @Test
  void withoutATerminalALineForEachFileAndEachTenthOfALargeOne() {
    load(this, bar(false));
    assertThat(out.toString().lines())
        .hasSize(12)
        .startsWith(
            "downloading gpt2",
            "config.json: 665 B",
            "model.safetensors: 50.0 MB of 500.0 MB  5.0 MB/s  1:30 left",
            "model.safetensors: 100.0 MB of 500.0 MB  5.0 MB/s  1:20 left")
        .endsWith(
            "model.safetensors: 450.0 MB of 500.0 MB  5.0 MB/s  0:10 left",
            "model.safetensors: 500.0 MB  5.0 MB/s");
    assertThat(out.toString()).doesNotContain("\r");
  }

  @Test
  void onATerminalABarThatEndsFull() {
    load(this, bar(true));
    String[] drawn = out.toString().split("\r|\n");
    assertThat(drawn)
        .contains(
            "[===============               ] model.safetensors  250.0 MB of 500.0 MB  5.0 MB/s"
                + "  0:50 left");
    assertThat(drawn[drawn.length - 1])
        .isEqualTo(
            "["
                + "=".repeat(30)
                + "] model.safetensors  500.0 MB  5.0 MB/s"
                + " ".repeat(" of 500.0 MB  0:01 left".length()));
    assertThat(out.toString().chars().filter(c -> c == '\n')).hasSize(3);
    assertThat(out.toString()).endsWith("\n");
  }

  @Test
  void isNotDrawnForEveryPiece() {
    DownloadBar bar = bar(true);
    for (int i = 0; i < 1000; i++) {
      bar.progress("x", i, 1000);
      now += SECOND / 1000;
    }
    assertThat(out.toString().split("\r")).hasSizeBetween(10, 12);
  }

  @Test
  void aNoteDoesNotOverwriteTheBar() {
    DownloadBar bar = bar(true);
    bar.progress("x", 0, 100);
    bar.note("the connection broke");
    bar.progress("x", 100, 100);
    assertThat(out.toString().split("\n")).hasSize(3).contains("the connection broke");
  }

  /** What an earlier download left came at no rate; a file that starts over has a new one. */
  @Test
  void theRateIsThatOfThisDownload() {
    DownloadBar bar = bar(false);
    bar.progress("x", 90_000_000, 100_000_000);
    now += 10 * SECOND;
    bar.progress("x", 95_000_000, 100_000_000);
    bar.progress("x", 0, 100_000_000);
    now += 10 * SECOND;
    bar.progress("x", 100_000_000, 100_000_000);
    assertThat(out.toString().lines()).containsExactly("x: 100.0 MB  10.0 MB/s");
  }

  @Test
  void aSizeThatIsNotKnownDoesNoHarm() {
    for (boolean terminal : new boolean[] {true, false}) {
      DownloadBar bar = bar(terminal);
      bar.progress("x", 500, 0);
      now += SECOND;
      bar.progress("x", 1_500, 0);
      bar.progress("empty", 0, 0);
    }
    assertThat(out.toString()).contains("empty: 0 B").doesNotContain("NaN");
  }
}
