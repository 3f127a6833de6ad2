package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class RowProgressTest {
  private static final long SECOND = 1_000_000_000;

  private final StringWriter out = new StringWriter();
  private long now = 5 * SECOND;

  private RowProgress progress(boolean terminal) {
    return new RowProgress(new PrintWriter(out), terminal, () -> now);
  }

  private void work(RowProgress progress) {
    for (int i = 1; i <= 100; i++) {
      now += SECOND;
      progress.show(1000L * i, i / 100.0);
    }
    progress.end();
  }

  @Test
  void withoutATerminalALineEveryHalfMinute() {
    work(progress(false));
    assertThat(out.toString().lines())
        .containsExactly(
            "30,000 rows  1000 rows/s  1:10 left",
            "60,000 rows  1000 rows/s  0:40 left",
            "90,000 rows  1000 rows/s  0:10 left");
  }

  @Test
  void onATerminalABarThatGoes() {
    work(progress(true));
    String[] drawn = out.toString().split("\r");
    assertThat(drawn)
        .hasSize(102)
        .contains("[===============               ] 50,000 rows  1000 rows/s  0:50 left");
    assertThat(drawn[101]).isBlank().hasSameSizeAs(drawn[100]);
    assertThat(out.toString()).endsWith("\r").doesNotContain("\n");
  }

  @Test
  void aShortTableShowsNothing() {
    RowProgress progress = progress(true);
    progress.show(10, 1);
    progress.end();
    assertThat(out.toString()).isEmpty();
  }
}
