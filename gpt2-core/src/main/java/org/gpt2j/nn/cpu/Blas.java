package org.gpt2j.nn.cpu;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sgemm of the BLAS that ND4J itself loads (OpenBLAS or MKL), called in place on c-order
 * memory: Nd4j.gemm would copy or lose time on small matrices.
 */
final class Blas {
  /**
   * The number of threads belongs to the whole process: large products share it, and who changes it
   * for small ones waits for them, so that results do not depend on what other threads compute.
   */
  private static final ReentrantReadWriteLock THREADS_IN_USE = new ReentrantReadWriteLock();

  private static volatile int threads = openblas.blas_get_num_threads();

  private Blas() {}

  /** Sets the number of threads of the large products. */
  static void setThreads(int n) {
    THREADS_IN_USE.writeLock().lock();
    try {
      threads = n;
      openblas.blas_set_num_threads(n);
    } finally {
      THREADS_IN_USE.writeLock().unlock();
    }
  }

  static int threads() {
    return threads;
  }

  /**
   * Runs blocks on our threads, each of which calls the BLAS for small products: the BLAS must not
   * start threads of its own then, which cost more than the work and get in each other's way.
   */
  static void forEachSingleThreaded(int n, Parallel.Block block) {
    THREADS_IN_USE.writeLock().lock();
    int before = threads();
    try {
      if (before > 1) {
        openblas.blas_set_num_threads(1);
      }
      Parallel.forEach(n, block);
    } finally {
      if (before > 1) {
        openblas.blas_set_num_threads(before);
      }
      THREADS_IN_USE.writeLock().unlock();
    }
  }

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
    FloatPointer pc = Floats.pointer(c);
    if (!transA && Gemv.suits(transB, m, n, k)) {
      if (transB) {
        Gemv.multiplyTransposed(m, n, k, alpha, pa, pb, beta, pc);
      } else {
        Gemv.multiply(n, k, alpha, pa, pb, beta, pc);
      }
    } else if (!transA && !transB && SmallGemm.suits(m, n, k)) {
      SmallGemm.multiply(
          m, n, k, alpha, Floats.buffer(a), Floats.buffer(b), beta, Floats.buffer(c));
    } else {
      THREADS_IN_USE.readLock().lock();
      try {
        gemm(transA, transB, m, n, k, alpha, pa, (int) a.size(1), pb, (int) b.size(1), beta, pc, n);
      } finally {
        THREADS_IN_USE.readLock().unlock();
      }
    }
  }

  /** y = alpha op(a) x + beta y, a [rows,columns] being row-major. */
  static void gemv(
      boolean trans,
      int rows,
      int columns,
      float alpha,
      FloatPointer a,
      FloatPointer x,
      float beta,
      FloatPointer y) {
    openblas.cblas_sgemv(
        CblasRowMajor,
        trans ? CblasTrans : CblasNoTrans,
        rows,
        columns,
        alpha,
        a,
        columns,
        x,
        1,
        beta,
        y,
        1);
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
