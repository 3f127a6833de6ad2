package org.gpt2j.nn;

import static org.gpt2j.nn.KernelsTestCase.ELEMENT;
import static org.gpt2j.nn.KernelsTestCase.SUM;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The op cases of the loss and the optimiser. */
final class KernelsTestTrainingCases {
  private final List<KernelsTestCase> cases = new ArrayList<>();

  private KernelsTestTrainingCases() {}

  static List<KernelsTestCase> all() {
    KernelsTestTrainingCases list = new KernelsTestTrainingCases();
    list.crossEntropy();
    list.sumOfSquares();
    list.adamW();
    return list.cases;
  }

  private void add(String op, String detail, double tolerance, KernelsTestCase.Body body) {
    cases.add(new KernelsTestCase(op, detail, tolerance, body));
  }

  private void crossEntropy() {
    for (int[] size : KernelsTestCases.ROWS_BY_COLUMNS) {
      for (double deviation : new double[] {1, 20}) {
        crossEntropy(size[0], size[1], deviation);
      }
    }
  }

  private void crossEntropy(int n, int v, double deviation) {
    String detail = n + "x" + v + " logits of deviation " + deviation;
    add(
        "crossEntropy",
        detail,
        SUM,
        (kernels, data) -> {
          INDArray logits = data.gaussian("logits", deviation, 0, n, v);
          INDArray dLogits = data.output("dLogits", n, v);
          data.roundedAt(1.0 / n);
          data.result("loss", kernels.crossEntropy(logits, targets(data, n, v), 1.0 / n, dLogits));
          data.roundedAt(1);
        });
    add(
        "crossEntropy",
        detail + " no gradient",
        SUM,
        (kernels, data) -> {
          INDArray logits = data.gaussian("logits", deviation, 0, n, v);
          data.result("loss", kernels.crossEntropy(logits, data.indices(n, v), 1, null));
          data.roundedAt(1);
        });
    add(
        "crossEntropy",
        detail + " dLogits is logits",
        SUM,
        (kernels, data) -> {
          INDArray logits = data.gaussian("logits", deviation, 0, n, v);
          data.roundedAt(3);
          data.result("loss", kernels.crossEntropy(logits, targets(data, n, v), 3, logits));
          data.roundedAt(1);
        });
    add(
        "crossEntropy",
        detail + " all ignored",
        0,
        (kernels, data) -> {
          int[] targets = new int[n];
          Arrays.fill(targets, Kernels.IGNORE_INDEX);
          INDArray logits = data.gaussian("logits", deviation, 0, n, v);
          INDArray dLogits = data.output("dLogits", n, v);
          data.result("loss", kernels.crossEntropy(logits, targets, 1, dLogits));
        });
  }

  /** Random classes, every third row ignored. */
  private static int[] targets(KernelsTestData data, int n, int v) {
    int[] targets = data.indices(n, v);
    for (int i = 1; i < n; i += 3) {
      targets[i] = Kernels.IGNORE_INDEX;
    }
    return targets;
  }

  private void sumOfSquares() {
    for (int n : KernelsTestCases.SIZES) {
      add(
          "sumOfSquares",
          "5x" + n,
          ELEMENT,
          (kernels, data) -> data.result("sum", kernels.sumOfSquares(data.normal("x", 5, n))));
    }
  }

  private void adamW() {
    for (int n : KernelsTestCases.SIZES) {
      for (double weightDecay : new double[] {0, 0.1}) {
        add(
            "adamW",
            "3x" + n + " weightDecay=" + weightDecay,
            ELEMENT,
            (kernels, data) -> adamWSteps(kernels, data, n, weightDecay));
      }
    }
  }

  private static void adamWSteps(Kernels kernels, KernelsTestData data, int n, double weightDecay) {
    INDArray param = data.normal("param", 3, n);
    INDArray m = data.of("m", new double[3 * n], 3, n);
    INDArray v = data.of("v", new double[3 * n], 3, n);
    for (int step = 1; step <= 4; step++) {
      INDArray grad = data.normal("grad of step " + step, 3, n);
      kernels.adamW(param, grad, m, v, 0.5, 1e-2, 0.9, 0.999, 1e-8, weightDecay, step);
    }
  }
}
