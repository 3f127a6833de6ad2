package org.gpt2j.server;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** What the server counts, in Prometheus' text format 0.0.4. */
final class Metrics {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST");

  private final AtomicInteger inFlight = new AtomicInteger();
  private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
  private final Map<String, Histogram> durations = new ConcurrentSkipListMap<>();
  private final Histogram batchTexts = new Histogram(1, 2, 4, 8, 16, 32, 64);
  private final Histogram batchTokens = new Histogram(16, 32, 64, 128, 256, 512, 1024, 2048);
  private final LongAdder generatedTokens = new LongAdder();
  private volatile IntSupplier queueLength = () -> 0;
  private volatile BooleanSupplier ready = () -> true;

  /** A request's head was read. */
  void started() {
    inFlight.incrementAndGet();
  }

  /**
   * A request has its answer, or its client is gone.
   *
   * @param route of which there are only so many
   */
  void ended(String route, Call call) {
    inFlight.decrementAndGet();
    String method = METHODS.contains(call.method()) ? call.method() : "other";
    String status = call.status() == 0 ? "none" : String.valueOf(call.status());
    String labels = "route=\"%s\",method=\"%s\",status=\"%s\"".formatted(route, method, status);
    requests.computeIfAbsent(labels, key -> new LongAdder()).increment();
    durations
        .computeIfAbsent("route=\"" + route + "\"", key -> durationHistogram())
        .record(call.elapsed() / 1e9);
  }

  private static Histogram durationHistogram() {
    return new Histogram(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30);
  }

  /** The model has computed a batch. */
  void batch(int texts, int tokens) {
    batchTexts.record(texts);
    batchTokens.record(tokens);
  }

  void generated(int tokens) {
    generatedTokens.add(tokens);
  }

  /** Where the number of texts that wait for the model comes from. */
  void queueLength(IntSupplier length) {
    queueLength = length;
  }

  /** Where the server's readiness comes from. */
  void ready(BooleanSupplier isReady) {
    ready = isReady;
  }

  /** All of it. */
  String text() {
    StringBuilder out = new StringBuilder();
    head(out, "gpt2j_http_requests_total", "counter", "Requests, by route, method and status.");
    requests.forEach((labels, n) -> sample(out, "gpt2j_http_requests_total", labels, n.sum()));
    String seconds = "gpt2j_http_request_duration_seconds";
    head(out, seconds, "histogram", "Time from a request's head to the end of its answer.");
    durations.forEach((labels, histogram) -> histogram.write(out, seconds, labels));
    gauge(out, "gpt2j_http_requests_in_flight", "Requests without an answer.", inFlight.get());
    gauge(out, "gpt2j_ready", "1 if requests are answered, else 0.", ready.getAsBoolean() ? 1 : 0);
    gauge(out, "gpt2j_queue_texts", "Texts that wait for the model.", queueLength.getAsInt());
    head(out, "gpt2j_batch_texts", "histogram", "Texts computed together.");
    batchTexts.write(out, "gpt2j_batch_texts", "");
    head(out, "gpt2j_batch_tokens", "histogram", "Tokens computed together; the sum is of all.");
    batchTokens.write(out, "gpt2j_batch_tokens", "");
    head(out, "gpt2j_generated_tokens_total", "counter", "Tokens that were generated.");
    sample(out, "gpt2j_generated_tokens_total", "", generatedTokens.sum());
    memory(out);
    return out.toString();
  }

  private static void memory(StringBuilder out) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    Map<String, MemoryUsage> areas =
        Map.of("heap", memory.getHeapMemoryUsage(), "nonheap", memory.getNonHeapMemoryUsage());
    head(out, "jvm_memory_used_bytes", "gauge", "Memory of the JVM in use.");
    areas.forEach((a, m) -> sample(out, "jvm_memory_used_bytes", area(a), m.getUsed()));
    head(out, "jvm_memory_committed_bytes", "gauge", "Memory that the JVM has from the system.");
    areas.forEach((a, m) -> sample(out, "jvm_memory_committed_bytes", area(a), m.getCommitted()));
    gauge(out, "jvm_threads", "Threads.", ManagementFactory.getThreadMXBean().getThreadCount());
    gauge(
        out,
        "process_uptime_seconds",
        "Time since the start.",
        ManagementFactory.getRuntimeMXBean().getUptime() / 1e3);
  }

  private static String area(String name) {
    return "area=\"" + name + "\"";
  }

  private static void gauge(StringBuilder out, String name, String help, double value) {
    head(out, name, "gauge", help);
    sample(out, name, "", value);
  }

  private static void head(StringBuilder out, String name, String type, String help) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void sample(StringBuilder out, String name, String labels, double value) {
    out.append(name).append(labels.isEmpty() ? "" : "{" + labels + "}");
    out.append(' ').append(number(value)).append('\n');
  }

  /** Without an exponent or a fraction where there is none. */
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.valueOf((long) value)
        : String.valueOf(value);
  }
}
