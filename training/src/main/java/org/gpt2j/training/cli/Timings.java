package org.gpt2j.training.cli;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** How long the phases of this process take, one after the other. */
final class Timings {
  private final long start;
  private final Map<String, Long> phases = new LinkedHashMap<>();
  private long last;

  /**
   * @param start the {@link System#nanoTime} at which the first phase began; what the JVM did
   *     before is a phase of its own
   */
  Timings(long start) {
    this.start = start;
    this.last = start;
  }

  /** Ends a phase, which lasted since the one before; one that comes again is added to. */
  void end(String phase) {
    long now = System.nanoTime();
    phases.merge(phase, now - last, Long::sum);
    last = now;
  }

  /**
   * One line, in milliseconds.
   *
   * @param natives time of a second thread, beside the other phases
   */
  String line(Duration natives) {
    // The JVM's clock starts with the JVM itself, some 10 ms after the process.
    long uptime = ManagementFactory.getRuntimeMXBean().getUptime();
    long jvm = uptime - (System.nanoTime() - start) / 1_000_000;
    StringBuilder line = new StringBuilder("timings: JVM " + jvm + " ms");
    phases.forEach(
        (phase, nanos) ->
            line.append(String.format(Locale.ROOT, ", %s %d ms", phase, nanos / 1_000_000)));
    return line.append(", together ")
        .append(jvm + (last - start) / 1_000_000)
        .append(" ms; natives, beside the rest, ")
        .append(natives.toMillis())
        .append(" ms")
        .toString();
  }
}
