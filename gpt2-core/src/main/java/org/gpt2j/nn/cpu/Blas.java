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
 *
 * <p>Our threads call the BLAS side by side, each on its part of the product, and the BLAS starts
 * none: its own threads go on spinning after a product, and take the cores from our kernels.
 */
final class Blas {
  /** Multiplications below which waking another thread costs more than it brings. */
  private static final long SERIAL_WORK = 1 << 19;

  /** MKL is there only because somebody wanted it. */
  private static final boolean ONE_DNN = OneDnn.available() && !BlasLibrary.isMkl();

  /**
   * Columns of a part at most. Wider ones pack the left operand less often; OpenBLAS's panels of
   * the right one must fit its cache.
   */
  private static final int PANEL = ONE_DNN ? 1 << 14 : 768;

  private Blas() {}

  static boolean usesOneDnn() {
    return ONE_DNN;
  }

  /** Whose products these are. */
  static String describe() {
    return ONE_DNN ? "products by " + OneDnn.describe() : OneDnn.describe();
  }

  /** Takes the BLAS's own threads away, for the whole process. */
  static void useOneThreadACall() {
    BlasLibrary.setThreads(1);
  }

  static void gemm(
      boolean transA, INDArray a, boolean transB, INDArray b, float alpha, float beta, INDArray c) {
    int m = (int) c.size(0);
    int n = (int) c.size(1);
    int k = (int) a.size(transA ? 0 : 1);
    if (a.size(transA ? 1 : 0) != m || b.size(transB ? 0 : 1) != n || b.size(transB ? 1 : 0) != k) {
      throw new IllegalArgumentException(
          String.format(
              "gemm: op(a) [%s,%s] times op(b) [%s,%s] does not give c [%s,%s]",
              a.size(transA ? 1 : 0), k, b.size(transB ? 1 : 0), b.size(transB ? 0 : 1), m, n));
    }
    FloatPointer pa = Floats.pointer(a);
    FloatPointer pb = Floats.pointer(b);
    FloatPointer pc = Floats.pointer(c);
    if (!transA && Gemv.suits(transB, m, n, k)) {
      if (transB) {
        Gemv.multiplyTransposed(m, n, k, alpha, pa, pb, beta, pc);
      } else {
        Gemv.multiply(n, k, alpha, pa, pb, beta, pc);
      }
    } else if (!ONE_DNN && !transA && !transB && SmallGemm.suits(m, n, k)) {
      SmallGemm.multiply(
          m, n, k, alpha, Floats.buffer(a), Floats.buffer(b), beta, Floats.buffer(c));
    } else {
      large(transA, transB, m, n, k, alpha, pa, pb, beta, pc);
    }
  }

  /** In parts, one call of the BLAS each. */
  private static void large(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float alpha,
      FloatPointer pa,
      FloatPointer pb,
      float beta,
      FloatPointer pc) {
    int lda = transA ? m : k;
    int ldb = transB ? k : n;
    if (4L * n >= m) {
      Parallel.forRange(
          n,
          part(n, (long) m * n * k),
          (j, end) ->
              gemm(
                  transA,
                  transB,
                  m,
                  end - j,
                  k,
                  alpha,
                  pa,
                  lda,
                  pb.getPointer(transB ? (long) j * ldb : j),
                  ldb,
                  beta,
                  pc.getPointer(j),
                  n));
    } else {
      Parallel.forRange(
          m,
          part(m, (long) m * n * k),
          (i, end) ->
              gemm(
                  transA,
                  transB,
                  end - i,
                  n,
                  k,
                  alpha,
                  pa.getPointer(transA ? i : (long) i * lda),
                  lda,
                  pb,
                  ldb,
                  beta,
                  pc.getPointer((long) i * n),
                  n));
    }
  }

  /** Columns (or rows) of each part, so that every thread has the same number of parts. */
  private static int part(int length, long work) {
    if (work <= SERIAL_WORK) {
      return length;
    }
    int threads = Parallel.threads();
    int rounds = (length + PANEL * threads - 1) / (PANEL * threads);
    int size = (length + rounds * threads - 1) / (rounds * threads);
    return (size + 15) / 16 * 16;
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
    if (ONE_DNN) {
      OneDnn.gemm(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
      return;
    }
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

  /**
   * y = alpha op(a) x + beta y with a [m,n] row-major without gaps; op is the transpose where asked
   * for.
   */
  static void gemv(
      boolean transA,
      int m,
      int n,
      float alpha,
      FloatPointer a,
      FloatPointer x,
      float beta,
      FloatPointer y) {
    openblas.cblas_sgemv(
        CblasRowMajor, transA ? CblasTrans : CblasNoTrans, m, n, alpha, a, n, x, 1, beta, y, 1);
  }
}
