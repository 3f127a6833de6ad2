package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TimingsTest {
  @Test
  void phasesAddUp() {
    Timings timings = new Timings(System.nanoTime() - 70_000_000);
    timings.end("load");
    timings.end("compute");
    timings.end("load");
    String line = timings.line(Duration.ofMillis(1234));
    Matcher m =
        Pattern.compile(
                "timings: JVM (\\d+) ms, load (\\d+) ms, compute (\\d+) ms, together (\\d+) ms;"
                    + " natives, beside the rest, 1234 ms")
            .matcher(line);
    assertThat(line).matches(m.pattern());
    assertThat(m.matches()).isTrue();
    int load = Integer.parseInt(m.group(2));
    assertThat(load).isGreaterThanOrEqualTo(70);
    int sum = Integer.parseInt(m.group(1)) + load + Integer.parseInt(m.group(3));
    assertThat(Integer.parseInt(m.group(4))).isBetween(sum, sum + 3); // each is rounded down
  }
}
