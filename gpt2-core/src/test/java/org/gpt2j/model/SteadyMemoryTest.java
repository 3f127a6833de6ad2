package org.gpt2j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.gpt2j.nn.PackedBatch;
import org.gpt2j.testing.SeededWeights;
import org.junit.jupiter.api.Test;
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

  /** Off-heap bytes of JavaCPP after collection, as few as they become: what is held for good. */
  private static long heldBytes() throws InterruptedException {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      System.gc();
      Thread.sleep(20);
      least = Math.min(least, Pointer.totalBytes());
    }
    return least;
  }

  @Test
  void aThousandStepsTakeNoMoreMemory() throws IOException, InterruptedException {
    Gpt2ForSequenceClassification model =
        new Gpt2ForSequenceClassification(config(), new SeededWeights(1, 10));
    train(model, largest(), 0);
    train(model, largest(), 1);
    long workspace = model.workspaceBytes();
    long held = heldBytes();
    long physical = Pointer.physicalBytes();

    int key = 0;
    for (Step step : steps(STEPS)) {
      train(model, step, key++);
      assertThat(model.workspaceBytes()).as("workspace after step %d", key).isEqualTo(workspace);
    }

    long heldAfter = heldBytes();
    long physicalAfter = Pointer.physicalBytes();
    System.out.printf(
        "%d steps: workspace %d bytes; JavaCPP held %d, then %d bytes; process %d, then %d MiB%n",
        STEPS, workspace, held, heldAfter, physical / MIB, physicalAfter / MIB);
    assertThat(workspace).isGreaterThan(MIB);
    // The attention's scratch of another worker thread may come late: 2 blocks of 64 rows.
    assertThat(heldAfter - held).as("JavaCPP's bytes").isLessThan(MIB / 4);
    // A step that made its activations anew would take STEPS * workspace, 1.5 GB; the rest of this
    // bound is for the Java heap, which the process's figure includes.
    assertThat(physicalAfter - physical)
        .as("the process's bytes")
        .isLessThan(STEPS * workspace / 4);
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
