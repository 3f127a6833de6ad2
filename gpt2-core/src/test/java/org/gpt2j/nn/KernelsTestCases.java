package org.gpt2j.nn;

import static org.gpt2j.nn.KernelsTestCase.ELEMENT;
import static org.gpt2j.nn.KernelsTestCase.SUM;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The op cases that every provider of {@link Kernels} must agree on. */
final class KernelsTestCases {
  /** Around the widths of vectors and tiles, odd on purpose. */
  static final int[] SIZES = {1, 2, 3, 7, 8, 17, 33, 64, 65, 129};

  static final int[][] ROWS_BY_COLUMNS = {
    {1, 1}, {1, 2}, {2, 1}, {3, 7}, {7, 3}, {1, 129}, {129, 1}, {17, 33}, {33, 64}, {64, 65},
    {65, 17}, {5, 768}
  };

  private final List<KernelsTestCase> cases = new ArrayList<>();

  private KernelsTestCases() {}

  static List<KernelsTestCase> all() {
    KernelsTestCases list = new KernelsTestCases();
    list.gemm();
    list.bias();
    list.layerNorm();
    list.activations();
    list.elementwise();
    list.dropout();
    list.rows();
    list.cases.addAll(KernelsTestAttentionCases.all());
    list.cases.addAll(KernelsTestCachedAttentionCases.all());
    list.cases.addAll(KernelsTestTrainingCases.all());
    list.cases.addAll(KernelsTestInferenceCases.all());
    return list.cases;
  }

  private void add(String op, String detail, double tolerance, KernelsTestCase.Body body) {
    cases.add(new KernelsTestCase(op, detail, tolerance, body));
  }

  /** Few rows: [m,n,k] that the CPU kernels multiply otherwise than by the BLAS's sgemm. */
  static final int[][] FEW_ROWS = {
    {1, 300, 257},
    {1, 257, 1},
    {1, 67_001, 3},
    {2, 131, 509},
    {3, 769, 100},
    {4, 128, 512},
    {5, 1537, 91},
    {8, 333, 257},
    {9, 1025, 65},
    {23, 129, 521},
    {28, 1000, 67}
  };

  private void gemm() {
    int[][] sizes = {
      {1, 1, 1},
      {1, 1, 7},
      {1, 7, 1},
      {7, 1, 1},
      {1, 17, 33},
      {17, 1, 33},
      {17, 33, 1},
      {2, 3, 7},
      {33, 17, 65},
      {64, 64, 64},
      {65, 129, 33},
      {129, 65, 2}
    };
    for (int[] size : sizes) {
      for (boolean transA : new boolean[] {false, true}) {
        for (boolean transB : new boolean[] {false, true}) {
          gemm(size, transA, transB, 1, 0);
          gemm(size, transA, transB, 1, 1);
          gemm(size, transA, transB, -0.5, 0.25);
          gemm(size, transA, transB, 0, 2);
        }
      }
    }
    for (int[] size : FEW_ROWS) {
      for (boolean transB : new boolean[] {false, true}) {
        gemm(size, false, transB, 1, 0);
        gemm(size, false, transB, -0.5, 0);
        gemm(size, false, transB, -0.5, 0.25);
      }
    }
  }

  private void gemm(int[] size, boolean transA, boolean transB, double alpha, double beta) {
    int m = size[0];
    int n = size[1];
    int k = size[2];
    String ab = " " + (transA ? "a^T" : "a") + " " + (transB ? "b^T" : "b");
    String detail = "mnk=" + Arrays.toString(size) + ab + " alpha=" + alpha + " beta=" + beta;
    add(
        "gemm",
        detail,
        SUM,
        (kernels, data) -> {
          INDArray a = transA ? data.normal("a", k, m) : data.normal("a", m, k);
          INDArray b = transB ? data.normal("b", n, k) : data.normal("b", k, n);
          INDArray c = beta == 0 ? data.output("c", m, n) : data.normal("c", m, n);
          kernels.gemm(transA, a, transB, b, alpha, beta, c);
          data.roundedAt(1); // the products of one element may nearly cancel
        });
  }

  private void bias() {
    for (int[] size : ROWS_BY_COLUMNS) {
      int rows = size[0];
      int n = size[1];
      add(
          "broadcastRow",
          rows + "x" + n,
          ELEMENT,
          (kernels, data) ->
              kernels.broadcastRow(data.normal("row", n), data.output("y", rows, n)));
      add(
          "addBiasBackward",
          rows + "x" + n,
          SUM,
          (kernels, data) ->
              kernels.addBiasBackward(data.normal("dy", rows, n), data.normal("dBias", n)));
    }
  }

  private void layerNorm() {
    for (int[] size : ROWS_BY_COLUMNS) {
      for (double mean : new double[] {0, 5}) {
        layerNorm(size[0], size[1], mean);
      }
      for (int nulls = 0; nulls < 8; nulls++) {
        layerNormBackward(size[0], size[1], nulls);
      }
    }
  }

  private void layerNorm(int rows, int c, double mean) {
    add(
        "layerNorm",
        rows + "x" + c + " around " + mean,
        SUM,
        (kernels, data) ->
            kernels.layerNorm(
                data.gaussian("x", 2, mean, rows, c),
                data.normal("weight", c),
                data.normal("bias", c),
                1e-5,
                data.output("y", rows, c),
                data.output("mean", rows),
                data.output("rstd", rows)));
  }

  private void layerNormBackward(int rows, int c, int nulls) {
    boolean noDx = (nulls & 1) != 0;
    boolean noDWeight = (nulls & 2) != 0;
    boolean noDBias = (nulls & 4) != 0;
    String detail =
        (noDx ? " no dx" : "") + (noDWeight ? " no dWeight" : "") + (noDBias ? " no dBias" : "");
    add(
        "layerNormBackward",
        rows + "x" + c + detail,
        SUM,
        (kernels, data) ->
            kernels.layerNormBackward(
                data.normal("dy", rows, c),
                data.normal("x", rows, c),
                data.normal("weight", c),
                data.gaussian("mean", 0.1, 0, rows),
                data.gaussian("rstd", 0.1, 1, rows),
                noDx ? null : data.normal("dx", rows, c),
                noDWeight ? null : data.normal("dWeight", c),
                noDBias ? null : data.normal("dBias", c)));
  }

  private void activations() {
    double[] far = {0, -30, 30, -10, 10, -5, 5, -1e-3, 1e-3, -90, 90};
    for (Activation f : Activation.values()) {
      add(
          "activation",
          f + " far from 0",
          ELEMENT,
          (kernels, data) ->
              kernels.activation(f, data.of("x", far, far.length), data.output("y", far.length)));
      add(
          "activationBackward",
          f + " far from 0",
          ELEMENT,
          (kernels, data) ->
              kernels.activationBackward(
                  f,
                  data.of("x", far, far.length),
                  data.normal("dy", far.length),
                  data.output("dx", far.length)));
      for (int n : SIZES) {
        activation(f, n);
      }
    }
  }

  private void activation(Activation f, int n) {
    add(
        "activation",
        f + " 3x" + n,
        ELEMENT,
        (kernels, data) -> kernels.activation(f, data.normal("x", 3, n), data.output("y", 3, n)));
    add(
        "activationBackward",
        f + " 3x" + n,
        ELEMENT,
        (kernels, data) ->
            kernels.activationBackward(
                f, data.normal("x", 3, n), data.normal("dy", 3, n), data.output("dx", 3, n)));
    add(
        "activationBackward",
        f + " 3x" + n + " dx is dy",
        ELEMENT,
        (kernels, data) -> {
          INDArray dy = data.normal("dy", 3, n);
          kernels.activationBackward(f, data.normal("x", 3, n), dy, dy);
        });
  }

  private void elementwise() {
    for (int n : SIZES) {
      add(
          "axpy",
          "7x" + n,
          ELEMENT,
          (kernels, data) -> kernels.axpy(-0.7, data.normal("x", 7, n), data.normal("y", 7, n)));
      add(
          "scale",
          "7x" + n,
          ELEMENT,
          (kernels, data) -> kernels.scale(0.3, data.normal("x", 7, n)));
      add("scale", n + " by 0", ELEMENT, (kernels, data) -> kernels.scale(0, data.normal("x", n)));
    }
  }

  private void dropout() {
    for (int n : SIZES) {
      for (double p : new double[] {0, 0.1, 0.5, 0.9}) {
        dropout(n, p);
      }
    }
  }

  private void dropout(int n, double p) {
    long key = CounterRandom.key(3, n);
    String detail = "3x" + n + " p=" + p;
    add(
        "dropout",
        detail,
        ELEMENT,
        (kernels, data) -> kernels.dropout(data.normal("x", 3, n), p, key, data.output("y", 3, n)));
    add(
        "dropout",
        detail + " y is x",
        ELEMENT,
        (kernels, data) -> {
          INDArray x = data.normal("x", 3, n);
          kernels.dropout(x, p, key, x);
        });
    add(
        "addDropout",
        detail,
        ELEMENT,
        (kernels, data) ->
            kernels.addDropout(
                data.normal("residual", 3, n),
                data.normal("delta", 3, n),
                p,
                key,
                data.output("out", 3, n)));
    add(
        "addDropout",
        detail + " out is residual",
        ELEMENT,
        (kernels, data) -> {
          INDArray residual = data.normal("residual", 3, n);
          kernels.addDropout(residual, data.normal("delta", 3, n), p, key, residual);
        });
    add(
        "addDropout",
        detail + " out is delta",
        ELEMENT,
        (kernels, data) -> {
          INDArray delta = data.normal("delta", 3, n);
          kernels.addDropout(data.normal("residual", 3, n), delta, p, key, delta);
        });
  }

  private void rows() {
    for (int[] size : ROWS_BY_COLUMNS) {
      for (int n : new int[] {1, 2, 17, 65}) {
        rows(size[0], size[1], n);
      }
    }
  }

  private void rows(int tableRows, int c, int n) {
    String detail = n + " of " + tableRows + "x" + c;
    add(
        "embedding",
        detail,
        ELEMENT,
        (kernels, data) ->
            kernels.embedding(
                data.indices(n, tableRows),
                data.indices(n, 5),
                data.normal("wte", tableRows, c),
                data.normal("wpe", 5, c),
                data.output("y", n, c)));
    add(
        "embeddingBackward",
        detail,
        SUM,
        (kernels, data) ->
            kernels.embeddingBackward(
                data.normal("dy", n, c),
                data.indices(n, tableRows),
                data.normal("dTable", tableRows, c)));
    add(
        "gatherRows",
        detail,
        0,
        (kernels, data) ->
            kernels.gatherRows(
                data.normal("x", tableRows, c),
                data.indices(n, tableRows),
                data.output("y", n, c)));
  }
}
