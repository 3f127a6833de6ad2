package org.gpt2j.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.model.RandomWeights;
import org.gpt2j.nn.Backend;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.nn.Parameter;
import org.gpt2j.nn.Pass;
import org.gpt2j.nn.Workspace;

/**
 * Prints where the time and the memory of a LoRA step go, and how a forward pass grows with length
 * and batch: the figures of docs/performance.md.
 */
public final class Profile {
  private static final int STEPS = 12;
  private static final int WARM_UP = 6;

  private final PrintStream out;
  private final Gpt2Config config;
  private final Gpt2ForSequenceClassification model;

  Profile(Gpt2Config config, PrintStream out) throws IOException {
    this.out = out;
    this.config = config;
    this.model = new Gpt2ForSequenceClassification(config, new RandomWeights(config, 0));
  }

  public static void main(String[] args) throws IOException {
    Profile profile = new Profile(ModelSize.GPT2.config(), System.out);
    profile.out.println(Backend.describe());
    profile.growth(List.of(16, 32, 64, 128, 256, 512, 1024), List.of(1, 2, 4, 8, 16, 32, 64));
    profile.step(BenchmarkTexts.batches(16));
  }

  /** Forward passes of one sequence of each length, and of each number of short sequences. */
  void growth(List<Integer> lengths, List<Integer> batchSizes) {
    out.println("\n| one sequence of | ms | ms a token |\n|---:|---:|---:|");
    for (int length : lengths) {
      row(length + " tokens", batch(1, length));
    }
    out.println("\n| sequences of 23 tokens | ms | ms a token |\n|---:|---:|---:|");
    for (int sequences : batchSizes) {
      row(sequences + "", batch(sequences, Math.min(23, config.nPositions())));
    }
  }

  private PackedBatch batch(int sequences, int length) {
    List<int[]> ids = new ArrayList<>();
    for (int s = 0; s < sequences; s++) {
      ids.add(IntStream.range(0, length).map(i -> (i * 7 + 3) % config.vocabSize()).toArray());
    }
    return PackedBatch.of(ids);
  }

  private void row(String name, PackedBatch batch) {
    double[] ms = new double[STEPS];
    for (int i = -WARM_UP; i < STEPS; i++) {
      long start = System.nanoTime();
      model.forward(batch);
      ms[Math.max(i, 0)] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(ms);
    double median = ms[STEPS / 2];
    out.printf(Locale.ROOT, "| %s | %.1f | %.3f |%n", name, median, median / batch.tokens());
  }

  /** Time and memory of training steps on batches of messages. */
  void step(List<LabeledBatch> batches) {
    TrainingStep training = TrainingStep.lora(model);
    Workspace workspace = new Workspace(model.score().value().dataType());
    TimedKernels timed = new TimedKernels(Backend.kernels(workspace.dataType()));
    long total = 0;
    long tokens = 0;
    for (int i = -WARM_UP; i < STEPS; i++) {
      if (i == 0) {
        timed.clear();
        total = 0;
        tokens = 0;
      }
      LabeledBatch batch = batches.get(Math.floorMod(i, batches.size()));
      long start = System.nanoTime();
      training.step(batch.labels(), Pass.training(timed.kernels(), workspace, batch.batch(), i));
      total += System.nanoTime() - start;
      tokens += batch.batch().tokens();
    }
    time(timed.nanos(), total, tokens);
    memory(workspace);
  }

  private void time(Map<String, Long> nanos, long total, long tokens) {
    out.printf(
        Locale.ROOT,
        "%n| a LoRA step of %d tokens | ms | share |%n|---|---:|---:|%n",
        tokens / STEPS);
    Map<String, Long> all = new TreeMap<>(nanos);
    all.put("the rest", total - nanos.values().stream().mapToLong(Long::longValue).sum());
    all.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .forEach(
            e ->
                out.printf(
                    Locale.ROOT,
                    "| %s | %.1f | %.1f %% |%n",
                    e.getKey(),
                    e.getValue() / 1e6 / STEPS,
                    100.0 * e.getValue() / total));
    out.printf(Locale.ROOT, "| together | %.1f | |%n", total / 1e6 / STEPS);
  }

  private void memory(Workspace workspace) {
    out.println("\n| memory | MiB |\n|---|---:|");
    long frozen = 0;
    long trained = 0;
    for (Parameter p : model.parameters()) {
      long bytes = p.value().length() * workspace.dataType().width();
      frozen += p.requiresGrad() ? 0 : bytes;
      trained += p.requiresGrad() ? bytes : 0;
    }
    mib("frozen weights", frozen);
    mib("trained weights, gradients, two moments", 4 * trained);
    Map<String, Long> kinds = new TreeMap<>();
    workspace
        .bytesBySlot()
        .forEach(
            (slot, bytes) -> kinds.merge(slot.substring(slot.indexOf('/') + 1), bytes, Long::sum));
    kinds.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(12)
        .forEach(e -> mib("activations: " + e.getKey() + ", all layers", e.getValue()));
    mib("activations together", workspace.bytes());
    Runtime jvm = Runtime.getRuntime();
    mib("Java heap in use", jvm.totalMemory() - jvm.freeMemory());
  }

  private void mib(String what, long bytes) {
    out.printf(Locale.ROOT, "| %s | %.1f |%n", what, bytes / 1048576.0);
  }
}
