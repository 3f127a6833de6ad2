package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.memory.deallocation.DeallocatorService;
import org.nd4j.linalg.factory.Nd4j;

/** Training runs in the memory that its largest batch took. */
class SteadyMemoryTest {
  private static final int VOCAB = 101;
  private static final int LENGTH = 33;
  private static final int SEQUENCES = 8;
  private static final int STEPS = 1000;
  private static final long MIB = 1 << 20;

  private record Step(PackedBatch batch, int[] labels) {}

  private static Gpt2Config config() {
    return Gpt2Config.gpt2().toBuilder()
        .vocabSize(VOCAB)
        .nPositions(LENGTH)
        .nEmbd(32)
        .nHead(4)
        .nLayer(2)
        .labels(List.of("ham", "spam"))
        .build();
  }

  private static Step step(Random random, int sequences, boolean longest) {
    List<int[]> all = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      int length = longest ? LENGTH : 1 + random.nextInt(LENGTH);
      all.add(random.ints(length, 0, VOCAB).toArray());
    }
    return new Step(PackedBatch.of(all), random.ints(sequences, 0, 2).toArray());
  }

  private static Step largest() {
    return step(new Random(0), SEQUENCES, true);
  }

  private static List<Step> steps(int n) {
    Random random = new Random(1);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      steps.add(step(random, 1 + random.nextInt(SEQUENCES), false));
    }
    return steps;
  }

  private static void train(Gpt2PreTrainedModel model, Step step, long key) {
    model.zeroGradients();
    model.forwardBackward(step.batch(), step.labels(), 1, key);
  }

  /**
   * Off-heap memory in use: ND4J's live buffers and views, and the bytes of JavaCPP's pointers,
   * which are the fast kernels' own.
   */
  private record Held(int buffers, long bytes) {
    static Held now() {
      try {
        Field references = DeallocatorService.class.getDeclaredField("referenceMap");
        references.setAccessible(true);
        Map<?, ?> live = (Map<?, ?>) references.get(Nd4j.getDeallocatorService());
        return new Held(live.size(), Pointer.totalBytes());
      } catch (ReflectiveOperationException e) {
        throw new AssertionError("ND4J counts its live buffers in another way now", e);
      }
    }

    /** After collection, when the counts have come to rest. */
    static Held settled() throws InterruptedException {
      Held last = null;
      int same = 0;
      for (int round = 0; round < 100 && same < 3; round++) {
        System.gc();
        Thread.sleep(20);
        Held next = now();
        same = next.equals(last) ? same + 1 : 0;
        last = next;
      }
      return last;
    }
  }

  @Test
  void aThousandStepsTakeNoMoreMemory() throws IOException, InterruptedException {
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(config(), new SeededWeights(1, 10));
    train(model, largest(), 0);
    train(model, largest(), 1);
    long workspace = model.workspaceBytes();
    Held before = Held.settled();

    int key = 0;
    for (Step step : steps(STEPS)) {
      train(model, step, key++);
      assertThat(model.workspaceBytes()).as("workspace after step %d", key).isEqualTo(workspace);
    }

    Held after = Held.settled();
    System.out.printf(
        "%d steps: workspace %d bytes; %s, then %s; process %d MiB%n",
        STEPS, workspace, before, after, Pointer.physicalBytes() / MIB);
    assertThat(workspace).isGreaterThan(MIB);
    // Fewer than one for ten steps: ND4J keeps a few of its own.
    assertThat(after.buffers() - before.buffers()).as("buffers").isLessThan(STEPS / 10);
    // The attention's scratch of another worker thread may come late: 2 blocks of 64 rows.
    assertThat(after.bytes() - before.bytes()).as("JavaCPP's bytes").isLessThan(MIB / 4);
  }

  /**
   * The number of ND4J's buffers and views that a step makes does not depend on what was before.
   */
  @Test
  void theSameStepsMakeAsManyBuffers() throws IOException {
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(config(), new SeededWeights(1, 10));
    train(model, largest(), 0);
    List<Step> steps = steps(20);
    long[] made = new long[3];
    for (int round = 0; round < made.length; round++) {
      train(model, largest(), 0);
      long before = Nd4j.getDeallocatorService().nextValue();
      for (Step step : steps) {
        train(model, step, 0);
      }
      made[round] = Nd4j.getDeallocatorService().nextValue() - before - 1;
    }
    long before = Nd4j.getDeallocatorService().nextValue();
    train(model, steps.get(19), 0);
    long repeated = Nd4j.getDeallocatorService().nextValue() - before - 1;
    System.out.printf(
        "ND4J buffers and views: %d in %d steps of several shapes, %d where the shape stays%n",
        made[0], steps.size(), repeated);
    assertThat(made).containsOnly(made[0]);
    assertThat(repeated).isLessThanOrEqualTo(made[0] / steps.size());
  }

  @Test
  void theSamePassGivesTheSameBits() throws IOException {
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(config(), new SeededWeights(1, 10));
    List<Step> steps = steps(3);
    List<double[]> first = null;
    for (int round = 0; round < 3; round++) {
      train(model, largest(), 3); // leaves other numbers in the memory
      model.zeroGradients();
      List<double[]> gradients = new ArrayList<>();
      for (Step step : steps) {
        double loss = model.forwardBackward(step.batch(), step.labels(), 1, 7);
        gradients.add(new double[] {loss});
      }
      model.parameters(p -> gradients.add(p.gradient().dup('c').data().asDouble()));
      if (first == null) {
        first = gradients;
      }
      for (int i = 0; i < gradients.size(); i++) {
        assertThat(gradients.get(i)).as("round %d, array %d", round, i).isEqualTo(first.get(i));
      }
    }
  }
}
