package org.gpt2j.server;

import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** Counts values in buckets, as Prometheus' histograms do. */
final class Histogram {
  private final double[] bounds;
  private final LongAdder[] counts;
  private final DoubleAdder sum = new DoubleAdder();

  /**
   * @param bounds upper bounds, each belonging to its bucket, rising
   */
  Histogram(double... bounds) {
    this.bounds = bounds;
    counts = new LongAdder[bounds.length + 1];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  void record(double value) {
    int i = 0;
    while (i < bounds.length && value > bounds[i]) {
      i++;
    }
    counts[i].increment();
    sum.add(value);
  }

  /**
   * Appends the samples.
   *
   * @param labels such as {@code route="/"}, or empty
   */
  void write(StringBuilder out, String name, String labels) {
    long total = 0;
    for (int i = 0; i < counts.length; i++) {
      total += counts[i].sum();
      String bound = i < bounds.length ? Metrics.number(bounds[i]) : "+Inf";
      String le = (labels.isEmpty() ? "" : labels + ",") + "le=\"" + bound + "\"";
      out.append(name).append("_bucket{").append(le).append("} ").append(total).append('\n');
    }
    String braces = labels.isEmpty() ? "" : "{" + labels + "}";
    out.append(name).append("_sum").append(braces).append(' ');
    out.append(Metrics.number(sum.sum())).append('\n');
    out.append(name).append("_count").append(braces).append(' ').append(total).append('\n');
  }
}
