package org.gpt2j.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gpt2j.nn.cpu.CpuKernels;
import org.gpt2j.nn.cpu.Parallel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All CPU kernels give the same bits on any number of threads, save gemm where it is oneDNN's, or
 * of many rows and the BLAS's.
 */
class ThreadIndependenceTest {
  private static final int[] THREADS = {2, 3, 5};

  /** Elements, odd, that are several threads' work: the kernels cut at 16384. */
  private static final int[] LARGE = {7, 14_323};

  private final int threads = Parallel.threads();

  @AfterEach
  void restoreThreads() {
    Parallel.setThreads(threads);
  }

  private static List<KernelsTestCase> cases() {
    List<KernelsTestCase> cases = new ArrayList<>(KernelsTestCases.all());
    cases.removeIf(c -> c.op().equals("gemm"));
    for (int[] size :
        new CpuKernels().prefersPackedWeights() ? new int[0][] : KernelsTestCases.FEW_ROWS) {
      for (boolean transB : new boolean[] {false, true}) {
        if (!transB || size[0] <= 8) {
          add(cases, "gemm", (k, data) -> fewRows(k, data, size, transB));
        }
      }
    }
    add(cases, "axpy", (k, data) -> k.axpy(-0.7, large(data, "x"), large(data, "y")));
    add(cases, "scale", (k, data) -> k.scale(0.3, large(data, "x")));
    add(cases, "dropout", (k, data) -> k.dropout(large(data, "x"), 0.3, 5, large(data, "y")));
    add(
        cases,
        "addDropout",
        (k, data) -> k.addDropout(large(data, "a"), large(data, "b"), 0.3, 5, large(data, "y")));
    add(cases, "sumOfSquares", (k, data) -> data.result("sum", k.sumOfSquares(large(data, "x"))));
    add(
        cases,
        "adamW",
        (k, data) -> {
          INDArray m = data.of("m", new double[LARGE[0] * LARGE[1]], LARGE[0], LARGE[1]);
          INDArray v = data.of("v", new double[LARGE[0] * LARGE[1]], LARGE[0], LARGE[1]);
          INDArray param = large(data, "param");
          INDArray grad = large(data, "grad");
          k.adamW(param, grad, m, v, 0.5, 1e-2, 0.9, 0.999, 1e-8, 0.1, 1);
        });
    for (Activation f : Activation.values()) {
      add(cases, "activation", (k, data) -> k.activation(f, large(data, "x"), large(data, "y")));
      add(
          cases,
          "activationBackward",
          (k, data) ->
              k.activationBackward(f, large(data, "x"), large(data, "dy"), large(data, "dx")));
    }
    return cases;
  }

  private static void fewRows(Kernels k, KernelsTestData data, int[] mnk, boolean transB) {
    INDArray a = data.normal("a", mnk[0], mnk[2]);
    INDArray b = transB ? data.normal("b", mnk[1], mnk[2]) : data.normal("b", mnk[2], mnk[1]);
    k.gemm(false, a, transB, b, 0.7, 0.25, data.normal("c", mnk[0], mnk[1]));
  }

  private static void add(List<KernelsTestCase> cases, String op, KernelsTestCase.Body body) {
    cases.add(new KernelsTestCase(op, Arrays.toString(LARGE), 0, body));
  }

  private static INDArray large(KernelsTestData data, String name) {
    return data.normal(name, LARGE[0], LARGE[1]);
  }

  static List<String> ops() {
    return cases().stream().map(KernelsTestCase::op).distinct().toList();
  }

  @ParameterizedTest
  @MethodSource("ops")
  void sameBits(String op) {
    List<KernelsTestCase> cases = cases().stream().filter(c -> c.op().equals(op)).toList();
    List<KernelsTestData> expected = run(cases, 1);
    for (int n : THREADS) {
      List<KernelsTestData> actual = run(cases, n);
      assertThat(Parallel.threads()).isEqualTo(n);
      for (int c = 0; c < cases.size(); c++) {
        assertThat(actual.get(c).all()).hasSameSizeAs(expected.get(c).all()).isNotEmpty();
        for (int i = 0; i < actual.get(c).all().size(); i++) {
          KernelsTestData.Named array = actual.get(c).all().get(i);
          // arrays as a whole: equal means bit for bit, NaN included
          boolean same = Arrays.equals(bits(array), bits(expected.get(c).all().get(i)));
          assertThat(same).as("%s, %s on %d threads", cases.get(c), array.name(), n).isTrue();
        }
      }
    }
  }

  private static double[] bits(KernelsTestData.Named array) {
    return array.array().data().asDouble();
  }

  private static List<KernelsTestData> run(List<KernelsTestCase> cases, int threads) {
    Parallel.setThreads(threads);
    Kernels kernels = new CpuKernels();
    List<KernelsTestData> all = new ArrayList<>();
    for (KernelsTestCase c : cases) {
      KernelsTestData data = new KernelsTestData(DataType.FLOAT);
      c.body().run(kernels, data);
      all.add(data);
    }
    return all;
  }
}
