package org.gpt2j.nn.cpu;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sgemm of the BLAS that ND4J itself loads (OpenBLAS or MKL), called in place on c-order
 * memory: Nd4j.gemm would copy or lose time on small matrices.
 */
final class Blas {
  private Blas() {}

  static void gemm(
      boolean transA, INDArray a, boolean transB, INDArray b, float alpha, float beta, INDArray c) {
    int m = (int) c.size(0);
    int n = (int) c.size(1);
    int k = (int) a.size(transA ? 0 : 1);
    if (a.size(transA ? 1 : 0) != m || b.size(transB ? 0 : 1) != n || b.size(transB ? 1 : 0) != k) {
      throw new IllegalArgumentException(
          String.format(
              "gemm: op(a) [%d,%d] times op(b) [%d,%d] does not give c [%d,%d]",
              a.size(transA ? 1 : 0), k, b.size(transB ? 1 : 0), b.size(transB ? 0 : 1), m, n));
    }
    FloatPointer pa = Floats.pointer(a);
    FloatPointer pb = Floats.pointer(b);
    gemm(
        transA,
        transB,
        m,
        n,
        k,
        alpha,
        pa,
        (int) a.size(1),
        pb,
        (int) b.size(1),
        beta,
        Floats.pointer(c),
        n);
  }

  /** c [m,n] = alpha op(a) op(b) + beta c on row-major memory with the given row lengths. */
  static void gemm(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float alpha,
      FloatPointer a,
      int lda,
      FloatPointer b,
      int ldb,
      float beta,
      FloatPointer c,
      int ldc) {
    openblas.cblas_sgemm(
        CblasRowMajor,
        transA ? CblasTrans : CblasNoTrans,
        transB ? CblasTrans : CblasNoTrans,
        m,
        n,
        k,
        alpha,
        a,
        lda,
        b,
        ldb,
        beta,
        c,
        ldc);
  }
}
